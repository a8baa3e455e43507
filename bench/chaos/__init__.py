"""Växel in trouble: programs killed, servers away, outer systems failing; and a judge of what came of it."""
