"""Whoever has come to a visit checks in by mobile, and the journal system hears of it (policy-incheckning-1)."""
