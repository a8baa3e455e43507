"""What 46elks tells us of: calls to a unit, and SMS that come in."""
