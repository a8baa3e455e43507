"""Reminders at scale: sent beside their floor, planned, and found in a large table."""
