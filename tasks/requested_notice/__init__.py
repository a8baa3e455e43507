"""A notice that somebody asks for: something to do, or new information, in the system named (avisering-1)."""
