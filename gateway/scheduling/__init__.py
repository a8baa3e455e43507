"""We as RIV-TA producer of crm:scheduling 1.1: what 1177 asks of bookings, free times and changes."""
