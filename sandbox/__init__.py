"""A small region: stand-ins for the outer systems over real HTTP and SMTP, and the people in them.

Shares no code with the rest of the project, so that what it refuses is an independent opinion.
"""
