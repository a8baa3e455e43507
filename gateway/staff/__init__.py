"""What staff see and do, after a login of their own."""
