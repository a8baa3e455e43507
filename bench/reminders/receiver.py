"""Takes delivery receipts in the gateway's place: else the provider posts each of them again and again.

`python -m bench.reminders.receiver`, on the gateway's port.
"""

from __future__ import annotations

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver(BaseHTTPRequestHandler):
    """204 to every receipt."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response_only(204)
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["VAXEL_GATEWAY__PORT"])), Receiver).serve_forever()
