"""What the people of the region do: they write, answer, call, log in, and bring files to the journal."""
