"""The storage: sealed files, the keys of their hours, and the folder or the S3-compatible store that they lie in."""
