"""What the engine keeps: the inbox and what its events change, claims, effects, the timeline, who has been woken."""
