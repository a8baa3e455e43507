"""Reminders of booked visits (besok-5, paminnelse-1)."""
