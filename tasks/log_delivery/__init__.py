"""What staff did with patients' data, told to the national log service (HSLF-FS 2016:40)."""
