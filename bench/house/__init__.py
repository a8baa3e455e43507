"""The house bench: this version of Växel beside another, side by side in one run. `python -m bench.house --help`"""
