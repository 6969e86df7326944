"""Measures the image's size, and its start up to the first request, beside a plain image and Python alone.

`make bench-image` prints one table. Everything goes over the loopback interface.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from .service import ROOT

ROUNDS = 11
IMAGE = os.environ.get("IMAGE", "dataworks-deploy:local")
PLAIN = "dataworks-deploy-bench-plain:local"
MOST_COMPRESSED = 15.0
MOST_CPU, MOST_RSS = 0.45, 0.60  # of the plain image
MOST_TIMES = 3.5  # the CPU time of Python alone
# What no step in Python can do without: the image's own interpreter, a TLS context, a request.
PYTHON = "/opt/dataworks-deploy/bin/python"
ALONE = "import http.client, os, ssl; ssl.create_default_context(); "
ALONE += (
    "c = http.client.HTTPConnection(os.environ['SERVICE']); c.request('POST', '/', b'x'); c.getresponse()"
)
DOCKERFILE = """
ARG BASE
FROM ${BASE}
COPY build.lock runtime.lock plain.py /plain/
RUN python3 -m venv /plain/venv \\
 && /plain/venv/bin/pip install -q --no-cache-dir --require-hashes -r /plain/build.lock \\
 && /plain/venv/bin/pip install -q --no-cache-dir --require-hashes --no-build-isolation -r /plain/runtime.lock
ENTRYPOINT ["/plain/venv/bin/python", "/plain/plain.py"]
"""


@dataclass(frozen=True, slots=True)
class Start:
    """From the start of the process to the arrival of its first request: milliseconds, and the peak memory in MB."""

    cpu: float
    wall: float
    rss: float


def docker(*arguments: str) -> str:
    """Run a docker command that must succeed."""
    return subprocess.run(  # noqa: S603 - our own command
        ["docker", *arguments],  # noqa: S607
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ).stdout.strip()


class Service(HTTPServer):
    """Records when the first request arrives, and delays its answer."""

    def __init__(self) -> None:
        """Take any free port."""
        super().__init__(("127.0.0.1", 0), _Request)
        self.arrived = threading.Event()
        self.answer = threading.Event()
        self.moment = 0.0


class _Request(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        self.server.moment = time.clock_gettime(time.CLOCK_BOOTTIME)
        self.server.arrived.set()
        self.server.answer.wait(30)
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@contextmanager
def serving() -> Iterator[Service]:
    """Serve during the block."""
    with Service() as service:
        thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield service
        finally:
            service.answer.set()
            service.shutdown()
            thread.join()


def start(image: str, *command: str) -> Start:
    """Start a container, and look at its process while its first request waits for the answer."""
    with serving() as service:
        address = f"127.0.0.1:{service.server_address[1]}"
        variables = {
            "SERVICE": address,
            "DATAWORKS_ALLOW_UNSAFE_ENDPOINT": "true",
            "INPUT_PROJECT-ID": "10001",
            "INPUT_OBJECT-IDS": "7567482277219412494",
            "INPUT_ENDPOINT": f"http://{address}",
            "INPUT_ACCESS-KEY-ID": "bench-key-id",
            "INPUT_ACCESS-KEY-SECRET": "bench-key-secret",
            "INPUT_PREFLIGHT": "false",  # the first request is the creation
        }
        options = [f"--env={name}={value}" for name, value in variables.items()]
        entry = ["--entrypoint", command[0]] if command else []
        container = docker("run", "--detach", "--network", "host", *options, *entry, image, *command[1:])
        try:
            if not service.arrived.wait(30):
                raise TimeoutError(f"{image} makes no request")
            process = Path("/proc") / docker("inspect", "--format", "{{.State.Pid}}", container)
            return _look(process, service.moment)
        finally:
            docker("rm", "--force", "--volumes", container)


def _look(process: Path, moment: float) -> Start:
    cpu = sum(int(file.read_text("ascii").split()[0]) for file in process.glob("task/*/schedstat"))
    # The 22nd field: the start of the process, in ticks since the machine started. The second field is a name in
    # brackets.
    began = int((process / "stat").read_text("ascii").rpartition(")")[2].split()[19]) / os.sysconf(
        "SC_CLK_TCK"
    )
    most = int((process / "status").read_text("ascii").partition("VmHWM:")[2].split()[0])
    return Start(cpu / 1e6, (moment - began) * 1000, most / 1024)


def size(image: str) -> tuple[float, float, int]:
    """The size in MB by `docker save | gzip -9`, the uncompressed size in MB, and the number of files."""
    packed = subprocess.run(  # noqa: S602 - our own pipe
        f"docker save {image} | gzip -9 | wc -c",
        shell=True,
        check=True,
        stdout=subprocess.PIPE,
        encoding="ascii",
    ).stdout
    return (
        int(packed) / 1e6,
        int(docker("image", "inspect", "--format", "{{.Size}}", image)) / 1e6,
        files(image),
    )


def files(image: str) -> int:
    """Count the regular files."""
    container = docker("create", image, "nothing")
    try:
        with (
            subprocess.Popen(["docker", "export", container], stdout=subprocess.PIPE) as export,  # noqa: S603, S607
            tarfile.open(fileobj=export.stdout, mode="r|") as tar,
        ):
            return sum(member.isfile() for member in tar)
    finally:
        docker("rm", container)


def build_plain(base: str) -> None:
    """Build the obvious image: the three packages, as pip installs them."""
    with TemporaryDirectory(prefix="bench-") as name:
        (Path(name) / "Dockerfile").write_text(DOCKERFILE, "utf-8")
        for file in ("requirements/build.lock", "requirements/runtime.lock", "bench/plain.py"):
            shutil.copy(ROOT / file, name)
        docker("build", "--quiet", "--tag", PLAIN, "--build-arg", f"BASE={base}", name)


def main() -> int:
    """Measure both images, and Python alone. Return 1 if a target is missed."""
    base = docker(
        "inspect", "--format", '{{index .Config.Labels "org.opencontainers.image.base.name"}}', IMAGE
    )
    build_plain(base)
    commands = ((IMAGE,), (PLAIN,), (IMAGE, PYTHON, "-I", "-c", ALONE))
    starts = [[start(*command) for command in commands] for _ in range(ROUNDS)]
    times = (_medians(runs) for runs in zip(*starts, strict=True))
    # The size of the image that Python comes from.
    ours, plain, alone = (
        (*size(image), *found) for image, found in zip((IMAGE, PLAIN, base), times, strict=True)
    )
    return _report(ours, plain, alone)


def _medians(runs: Sequence[Start]) -> tuple[float, float, float]:
    return median(r.cpu for r in runs), median(r.wall for r in runs), median(r.rss for r in runs)


def _report(ours: tuple[float, ...], plain: tuple[float, ...], alone: tuple[float, ...]) -> int:
    say = sys.stdout.write
    say(f"{ROUNDS} rounds, {os.cpu_count()} processors, {platform.system()} {platform.machine()}, ")
    say(f"load {os.getloadavg()[0]:.1f}\n\n| | ours | plain | Python alone | ours of plain | target |\n")
    say("| --- | ---: | ---: | ---: | ---: | ---: |\n")
    cpu = f"≤ {MOST_CPU:.0%}, ≤ {MOST_TIMES} × Python alone"
    targets = (f"≤ {MOST_COMPRESSED:.0f} MB", "", "", cpu, "", f"≤ {MOST_RSS:.0%}")
    for name, target, *figures in zip(_ROWS, targets, ours, plain, alone, strict=True):
        shown = " | ".join(f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}" for figure in figures)
        say(f"| {name} | {shown} | {figures[0] / figures[1]:.0%} | {target} |\n")
    say(f"\nCPU: {ours[3] / alone[3]:.2f} × Python alone\n")
    small = ours[0] <= MOST_COMPRESSED and ours[5] <= MOST_RSS * plain[5]
    quick = ours[3] <= min(MOST_CPU * plain[3], MOST_TIMES * alone[3])
    return 0 if small and quick else 1


_ROWS = (
    "compressed, MB",
    "uncompressed, MB",
    "files",
    "CPU to the first request, ms",
    "time to the first request, ms",
    "most memory until then, MB",
)


if __name__ == "__main__":
    argparse.ArgumentParser(prog="python -m bench.image", description=__doc__).parse_args()
    sys.exit(main())
