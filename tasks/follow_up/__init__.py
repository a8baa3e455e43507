"""How the routine is followed: sums of days, and the report that is made of them (uppfoljning-1)."""
