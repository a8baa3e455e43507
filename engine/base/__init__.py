"""What all else stands on: settings, the database, the clock, errors, keys and files."""
