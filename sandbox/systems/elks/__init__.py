"""46elks: SMS with delivery receipts, and calls both ways."""
