"""What patients wish, as it is held, and its way to the journal system (onskemal-1, paminnelse-2)."""
