"""Living inside Prefect: flows, steps as task runs, the worker."""
