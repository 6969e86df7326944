"""The part of GitHub's API of comments that an example calls: `comments_api.py CERTIFICATE FILE`.

The file contains the comments and the requests, as one JSON value.
"""

import json
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

certificate, file = sys.argv[1], Path(sys.argv[2])
known: dict[str, Any] = {"comments": json.loads(file.read_text("utf-8")), "requests": []}
ISSUE = "/repos/octo-org/warehouse/issues"


class Api(BaseHTTPRequestHandler):
    """Lists, adds and edits comments. A page has two comments, as if there were many."""

    def do_GET(self) -> None:
        """Return one page of the list."""
        path, _, query = self.path.partition("?")
        pages = [each.partition("=")[2] for each in query.split("&") if each.startswith("page=")]
        page = int(pages[0]) if pages else 1
        shown = known["comments"][2 * page - 2 : 2 * page]
        more = len(known["comments"]) > 2 * page
        link = f'<https://api.github.com{path}?page={page + 1}>; rel="next"' if more else ""
        self.answer(200, shown, link)

    def do_POST(self) -> None:
        """Add a new comment of the bot that has the token."""
        made = {"id": 1000 + len(known["comments"]), "user": {"login": "github-actions[bot]"}} | self.body()
        known["comments"].append(made)
        self.answer(201, made)

    def do_PATCH(self) -> None:
        """Change the text of a comment."""
        (found,) = [each for each in known["comments"] if self.path == f"{ISSUE}/comments/{each['id']}"]
        found.update(self.body())
        self.answer(200, found)

    def body(self) -> dict[str, Any]:
        """Return the body of the request."""
        sent: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return sent

    def answer(self, status: int, value: Any, link: str = "") -> None:
        """Note the request, and answer."""
        known["requests"].append([self.command, self.path, self.headers["Authorization"]])
        file.write_text(json.dumps(known), "utf-8")
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if link:
            self.send_header("Link", link)
        self.end_headers()
        self.wfile.write(content)


server = ThreadingHTTPServer(("0.0.0.0", 443), Api)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
