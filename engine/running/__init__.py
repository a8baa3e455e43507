"""How cases are taken through their steps: a run's work, the pump, its turns and calls."""
