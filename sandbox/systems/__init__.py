"""The stand-ins for the outer systems. None of them knows of the people who act."""
