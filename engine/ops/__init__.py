"""What ops see and do: cases by hand, metrics, whether work can be taken in, the access log, nightly checks."""
