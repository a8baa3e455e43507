"""What the tests of the rules let pass: change `routine/` in one place, and some test has to fail.

cosmic-ray makes the changes, one at a time and anywhere in a module, in its tables too. For each we fork a process
that has imported everything but the project, and run in a copy of the project the tests that reach the change, the
quick ones first. Not counted: what is the same program still (`same_program`), and what cannot be imported at all.
`python -m bench.mutants --help`
"""
