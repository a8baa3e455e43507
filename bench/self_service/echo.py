"""A bare SOAP echo behind the gateway's own server: what comes is read as XML, and its body goes back.

`python -m bench.self_service.echo PORT`
"""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response
from lxml import etree

from gateway.listen import configured, tcp_socket
from gateway.serve import keep_still

PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
CONNECTIONS = 100


def make_app() -> FastAPI:
    """The app."""
    app = FastAPI()

    @app.post("/rivta/scheduling")
    async def echo(request: Request) -> Response:
        envelope = etree.fromstring(await request.body(), PARSER)
        return Response(etree.tostring(envelope), media_type="text/xml; charset=utf-8")

    return app


if __name__ == "__main__":
    server = uvicorn.Server(configured(make_app(), CONNECTIONS))
    keep_still()
    server.run([tcp_socket("127.0.0.1", int(sys.argv[1]))])
