"""What patients wish, and its way to the journal system (onskemal-1, paminnelse-2); others ask `wishes`."""
