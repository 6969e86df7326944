"""The emulator under the names of the real services, on a network without access to them.

So the examples run without a changed line: their `region` leads to the public host name, with verified TLS.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..e2e.docker import docker, eventually, removed_at_the_end, succeeds, unique_name
from ..e2e.emulator import PORT, Emulator, emulator
from ..integration.trust import authority

FRONT = Path(__file__).with_name("tls_front.py")
API = Path(__file__).with_name("comments_api.py")
ISSUER = "pipelines.actions.githubusercontent.com"
GITHUB = "api.github.com"
HOSTS = ("dataworks.cn-shanghai.aliyuncs.com", "sts.aliyuncs.com", ISSUER)


@dataclass(frozen=True)
class Service:
    """The emulator, the common network, and the certificate authority to trust."""

    emulator: Emulator
    network: str
    ca: Path


@contextmanager
def service(folder: Path, network: str, image: str, *flags: str) -> Iterator[Service]:
    """Start the emulator with some flags, and a TLS server before it. The image must have a python3."""
    made = authority(folder, (*HOSTS, GITHUB))
    name = unique_name()
    aliases = (word for host in HOSTS for word in ("--network-alias", host))
    with emulator(folder, network, *flags) as emulated, removed_at_the_end(name):
        docker(
            *("run", "--detach", "--name", name, "--network", network, *aliases),
            *("-v", f"{FRONT}:/front.py:ro", "-v", f"{made.server}:/server.pem:ro", image),
            *("python3", "/front.py", "/server.pem", emulated.host, str(PORT)),
        )
        connect = "import socket; socket.create_connection(('127.0.0.1', 443), 1)"
        eventually(lambda: succeeds("exec", name, "python3", "-c", connect), "TLS is served")
        yield Service(emulated, network, made.ca)


@dataclass(frozen=True)
class Comments:
    """The comments of a pull request, which the API keeps in a file."""

    file: Path

    @property
    def texts(self) -> dict[str, list[str]]:
        """The texts of all comments, by their authors."""
        found = dict[str, list[str]]()
        for each in json.loads(self.file.read_text("utf-8"))["comments"]:
            found.setdefault(each["user"]["login"], []).append(each["body"])
        return found

    @property
    def requests(self) -> list[tuple[str, str]]:
        """The requests to the API: method and path."""
        known = json.loads(self.file.read_text("utf-8"))
        return [(method, path) for method, path, _ in known["requests"]]


@contextmanager
def comments(folder: Path, network: str, image: str, *before: dict[str, Any]) -> Iterator[Comments]:
    """Start GitHub's API on the network of a service, with these comments."""
    file, name = folder / "comments.json", unique_name()
    file.write_text(json.dumps(before), "utf-8")
    with removed_at_the_end(name):
        docker(
            *("run", "--detach", "--name", name, "--network", network, "--network-alias", GITHUB),
            *("-v", f"{API}:/api.py:ro", "-v", f"{folder}:/folder", image),
            *("python3", "/api.py", "/folder/server.pem", "/folder/comments.json"),
        )
        connect = "import socket; socket.create_connection(('127.0.0.1', 443), 1)"
        eventually(lambda: succeeds("exec", name, "python3", "-c", connect), "the API listens")
        yield Comments(file)
