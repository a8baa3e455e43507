"""What flows and tasks are written with: a step, its parts and its verdicts, and a process of them."""
