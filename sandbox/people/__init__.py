"""Who lives here, and the official test numbers that they bear."""
