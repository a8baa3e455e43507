"""The engine beside others: the same cases over Växel's engine, DBOS, Prefect the ordinary way, and bare calls.

`python -m bench.engine --help`. One process a side; each module `side_…` is one, and prints its figures as JSON.
"""
