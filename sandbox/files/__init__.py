"""What patients attach, each kind made when it is first asked for."""
