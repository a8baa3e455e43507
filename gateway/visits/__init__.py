"""Residents at their visits: they check in at a unit's code, and join by a link."""
