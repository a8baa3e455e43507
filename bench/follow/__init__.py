"""Following what was decided: report, search, and what would have been decided under other figures."""
