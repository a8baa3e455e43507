"""`python -m cli`: the same as `vaxel`."""

from cli.app import app

app()
