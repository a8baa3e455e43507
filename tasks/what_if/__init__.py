"""What would have been decided under other figures, from what was known then (`vaxel what-if`)."""
