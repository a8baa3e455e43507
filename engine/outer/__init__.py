"""How outer systems are met: their threads, their breaker, and what they are asked of a person or a unit."""
