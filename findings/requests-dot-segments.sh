#!/usr/bin/env bash
# One would think that another system's id may be put into a path by `quote(id, safe="")`, and that even an id of ".."
# is then one segment if its full stops are written %2E. In requests 2.34.2 with urllib3 2.8.0 neither holds: ".." is
# resolved before anything is sent, so that /conversations/../messages asks for /messages; and %2E%2E, which passes
# that, is turned back into ".." and goes out as such, for a proxy or the server to resolve. RFC 3986 allows it
# (section 6.2.2: %2E is a full stop), so no encoding helps.
# What we did: an id of "." or ".." is asked of nobody (`systems.keyed.segment`).
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv" || exit 2
"$place/venv/bin/pip" install --quiet --disable-pip-version-check requests==2.34.2 urllib3==2.8.0 || exit 2
"$place/venv/bin/python" - <<'PYTHON'
import http.server
import sys
import threading
from urllib.parse import quote

import requests
import urllib3

asked = []


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
at = f"http://127.0.0.1:{server.server_port}/conversations"
session = requests.Session()
session.trust_env = False
print(f"requests {requests.__version__}, urllib3 {urllib3.__version__}")
segments = {"..": quote("..", safe=""), ".. as %2E%2E": "%2E%2E", "a/b": quote("a/b", safe="")}
for what, segment in segments.items():
    session.get(f"{at}/{segment}/messages", timeout=5)
    print(f"{what:14} /conversations/{segment}/messages is asked for as {asked[-1]}")
server.shutdown()
expected = ["/messages", "/conversations/../messages", "/conversations/a%2Fb/messages"]
sys.exit(0 if asked == expected else 1)
PYTHON
