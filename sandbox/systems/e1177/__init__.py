"""1177: the inbox, the catalogue of services, the forms, and what a resident sees booked."""
