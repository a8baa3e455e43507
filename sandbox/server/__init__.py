"""The sandbox as a program: its sockets, and its own paths."""
