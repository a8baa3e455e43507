#!/usr/bin/env bash
# One would think that `phonenumbers.parse` refuses "070-174 06 05 (mamma)", or leaves the word out. In phonenumbers
# 9.0.43 it raises nothing: the letters are those of a keypad, "mamma" is 62662, and the number has five figures more. Its
# reader of texts, PhoneNumberMatcher, finds the number itself in the same words. (0701740605 is one of the Swedish
# regulator's numbers that are nobody's.)
# What we did: numbers are read by the matcher only (routine/reply.py, routine/senders.py).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv" || exit 2
"$place/venv/bin/pip" install --quiet --disable-pip-version-check phonenumbers==9.0.43 || exit 2
"$place/venv/bin/python" - <<'PYTHON'
import sys

import phonenumbers

written = "070-174 06 05 (mamma)"
parsed = phonenumbers.parse(written, "SE")
found = [match.number.national_number for match in phonenumbers.PhoneNumberMatcher(written, "SE")]
print(f"phonenumbers {phonenumbers.__version__}")
print(f"parse: {parsed.national_number}, valid: {phonenumbers.is_valid_number(parsed)}; the matcher finds {found}")
as_described = parsed.national_number == 70174060562662 and found == [701740605]
sys.exit(0 if as_described else 1)
PYTHON
