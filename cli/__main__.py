"""`python -m cli`: the same as `vaxel`."""

import gc


def main() -> None:
    """Load the command line, and carry out a command."""
    gc.disable()  # what is loaded stays: to look for garbage in it takes a sixth of a worker's start
    from cli.app import app

    gc.freeze()
    gc.enable()
    app()


if __name__ == "__main__":
    main()
