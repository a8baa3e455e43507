"""A patient who has written, until their contact is over and registered (patient-1 to 4, byte-5)."""
