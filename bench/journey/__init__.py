"""The journey bench: from signed webhooks to settled bookings, everything real, beside the bare calls.

`python -m bench.journey --help`
"""
