"""TLS from the image: its OpenSSL, its authorities, and an authority of the user."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ..integration.canned import NEVER_OLD_MS
from ..integration.trust import authority
from .docker import docker, eventually, label, removed_at_the_end, succeeds, unique_name
from .runner import Finished, Runner

pytestmark = pytest.mark.docker

RUN = {"Id": "run-1", "Status": "Running", "CreateTime": NEVER_OLD_MS, "Stages": []}
ANSWER = {"Id": "run-1", "RequestId": "R-1", "Pipeline": RUN}
SERVER = f"""
import ssl
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write({json.dumps(ANSWER).encode()!r})

server = HTTPServer(("127.0.0.1", 8443), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/trust/server.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""
LISTENS = "import socket; socket.create_connection(('127.0.0.1', 8443), 1)"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve with the certificate in the folder until the end of the block, and give the network to use."""
    name = unique_name()
    with removed_at_the_end(name):
        docker(
            *("run", "--detach", "--name", name, "--network", "none", "-v", f"{folder}:/trust:ro"),
            *("--entrypoint", "python3", label("base.name"), "-c", SERVER),
        )
        eventually(lambda: succeeds("exec", name, "python3", "-c", LISTENS), "the server listens")
        yield f"container:{name}"


def deploy(runner: Runner, network: str, **variables: str) -> Finished:
    inputs = {
        "project-id": "10001",
        "endpoint": "https://127.0.0.1:8443",
        "object-ids": "7567482277219412494",
        "access-key-id": "key-id",
        "access-key-secret": "key-secret",
        "wait": "false",
    }
    return Runner(runner.folder, network).run(inputs, **variables)


def test_an_authority_that_the_user_names_is_trusted_and_an_unknown_one_is_not(
    runner: Runner, tmp_path: Path
) -> None:
    # Many companies have such an authority, which the Python of the image would refuse by default.
    made = authority(tmp_path, old=True)
    (runner.folder / "workflow" / "ca.pem").write_bytes(made.ca.read_bytes())

    with served(tmp_path) as network:
        strange = deploy(runner, network)
        known = deploy(runner, network, SSL_CERT_FILE="/github/workflow/ca.pem")

    assert "certificate is not trusted" in strange.streams
    assert known.outputs["run-id"] == "run-1", known.streams
