#!/usr/bin/env bash
# One would think that SQLAlchemy's URL, rendered as a string, is a URL. SQLAlchemy 2.1.9 leaves a blank in user or
# password as it is, and writes one in the query as "+": it reads both back, but libpq (by psycopg 3.3.9) refuses the
# first, in an error that quotes the password, and takes the second for a plus (RFC 3986 has neither).
# What we did: such a URL is spelt by ourselves before libpq sees it (engine/base/database_url.py).
set -euo pipefail
place=$(mktemp -d); trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv" && "$place/venv/bin/pip" install -q --disable-pip-version-check sqlalchemy==2.1.9 'psycopg[binary]==3.3.9' || exit 2
"$place/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL, make_url

print("SQLAlchemy", version("sqlalchemy"), "psycopg", version("psycopg"))
seen = []
for password, name in (("in vented", "app"), ("invented", "an app")):
    url = URL.create("postgresql", "u", password, "h", database="d", query={"application_name": name})
    text = url.render_as_string(hide_password=False)
    assert make_url(text) == url
    try:
        told = conninfo_to_dict(text)["application_name"]
    except psycopg.Error as error:
        told = f"{type(error).__name__}, quoting the password: {'vented' in str(error)}"
    print(f"{text}: libpq reads {told}")
    seen.append(told)
sys.exit(seen != ["ProgrammingError, quoting the password: True", "an+app"])
PYTHON
