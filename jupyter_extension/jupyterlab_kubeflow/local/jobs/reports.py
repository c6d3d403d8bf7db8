"""Keeps what a training reports while there is no server: a place on loopback between the container's command and the server, in the shim's process.

The command finds it in place of the server's in ``KUBEFLOW_TRAINER_SERVER_URL``: https as there, by the same authority, for who has the token
only. Answers and refusals are the server's. Where it cannot be reached, a report goes into a file and is answered as accepted; what is kept is
passed on, in order, before the next report and once a second. What is left when the command has ended is taken by the server (``trainer.progress``).

A line of the file is ``+`` or, once passed on, ``-``, and the body as a JSON text. The standard library only, since ``shim`` imports it; what is
slow to import is not needed before the command runs.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator, MutableMapping
from contextlib import closing, suppress

URL = "KUBEFLOW_TRAINER_SERVER_URL"
_AUTHORITY, _TOKEN = "KUBEFLOW_TRAINER_SERVER_CA_CERT", "KUBEFLOW_TRAINER_SERVER_TOKEN"
_LONGEST = 64 * 1024
_PATIENCE = 2.0
"""Seconds that the server has for an answer; the SDK waits for five."""

_ROUND = 1.0
"""Seconds after which what is kept is tried again, and for which it is passed on at a time."""

_LATER = (401, 408, 429)
"""Refusals that are none of the report itself, like all from 500 on: it is kept."""

Answer = tuple[int, str, bytes]
"""Code, type and body."""


def kept(path: str) -> Iterator[tuple[int, bytes]]:
    """The reports of a file that were not passed on, in order, each with its place for :func:`passed_on`; none where there is no file."""
    import json

    with suppress(FileNotFoundError), open(path, "rb") as file:
        at = 0
        for line in file:
            if line.startswith(b"+") and line.endswith(b"\n"):
                with suppress(ValueError, AttributeError):  # not written here
                    yield at, json.loads(line[1:]).encode()
            at += len(line)


def passed_on(path: str, at: int) -> None:
    """Notes that the report at a place was passed on, or refused for good."""
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(b"-")


def _keep(path: str, body: bytes) -> None:
    import json

    line = b"+%s\n" % json.dumps(body.decode(errors="replace")).encode()
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        end = os.fstat(file).st_size
        try:
            if os.write(file, line) < len(line):
                raise OSError("The disk is full")
            os.fsync(file)
        except OSError:
            os.ftruncate(file, end)
            raise
    finally:
        os.close(file)


def stand_in(environment: MutableMapping[str, str], path: str) -> Reports | None:
    """Puts the address of a place of its own into the variables, to be served by :meth:`Reports.start`; None where they name no server's.

    ``path`` is the file for what is kept.
    """
    scheme, _, rest = environment.get(URL, "").partition("://")
    server, _, what = rest.partition("/")
    authority, token = environment.get(_AUTHORITY, ""), environment.get(_TOKEN, "")
    pair = [os.path.join(os.path.dirname(authority), name) for name in ("server.crt", "server.key")]
    if scheme != "https" or not all(os.access(each, os.R_OK) for each in [authority, token, *pair]):
        return None
    try:
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    except OSError:  # the command reports to the server itself
        return None
    environment[URL] = f"https://127.0.0.1:{listener.getsockname()[1]}/{what}"
    return Reports(listener, server, f"/{what}", authority, pair, token, path)


class Reports:
    """The place. One request at a time, so that what is reported keeps its order."""

    def __init__(
        self,
        listener: socket.socket,
        server: str,
        what: str,
        authority: str,
        pair: list[str],
        token: str,
        path: str,
    ) -> None:
        self._listener, self._server, self._what = listener, server, what
        self._authority, self._pair = authority, pair
        self._token, self._tokens = token, list[bytes]()
        self._path = path
        self._waiting = False
        self._busy = threading.Lock()

    def start(self) -> None:
        """Serves from a thread of its own, which ends with the process."""
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Lets what is under way end, and takes nothing more."""
        self._busy.acquire(timeout=2 * _PATIENCE)

    def _serve(self) -> None:
        import ssl
        from http.server import BaseHTTPRequestHandler, HTTPServer

        reports = self
        self._read_token()
        self._to_server = ssl.create_default_context(cafile=self._authority)
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        while True:
            try:
                own.load_cert_chain(*self._pair)
                break
            except OSError:  # a server that starts is writing them
                time.sleep(0.1)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length, said = self.headers.get("Content-Length", ""), self.headers["Authorization"]
                body = self.rfile.read(int(length)) if length.isdecimal() else None
                with reports._busy:
                    if self.path != reports._what:
                        code, kind, text = _failure(404, "not found")
                    elif body is None:
                        code, kind, text = _failure(411, "Content-Length is missing")
                    else:
                        code, kind, text = reports._take(said or "", body)
                    self.send_response(code)
                    self.send_header("Content-Type", kind)
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                """Says nothing: the log is the command's."""

        class Server(HTTPServer):
            def get_request(self) -> tuple[socket.socket, object]:
                plain, address = self.socket.accept()
                plain.settimeout(_PATIENCE)
                with plain:  # what is wrapped has the descriptor
                    return own.wrap_socket(plain, server_side=True), address

            def handle_error(self, *_: object) -> None:
                """A caller that has gone."""

        server = Server(("127.0.0.1", 0), Handler, bind_and_activate=False)
        server.socket.close()
        server.socket = self._listener
        while True:
            server.timeout = _ROUND if self._waiting else None
            server.handle_request()
            with self._busy:
                self._pass_on()

    def _take(self, authorization: str, body: bytes) -> Answer:
        """The answer to a report. Who had the token may report, also while his copy is of the server before."""
        from hmac import compare_digest

        self._read_token()
        given = authorization.encode("latin-1", "replace")
        if not any(compare_digest(given, b"Bearer " + each) for each in self._tokens):
            return _failure(401, "Unauthorized")
        self._pass_on()
        if not self._waiting and (answer := self._send(body)):
            return answer
        if len(body) > _LONGEST:
            return _failure(413, "Payload too large")
        try:
            _keep(self._path, body)
        except OSError as error:
            return _failure(503, f"The report could not be kept: {error.strerror or error}")
        self._waiting = True
        return 200, "application/json", body

    def _pass_on(self) -> None:
        """Passes on what is kept, for a while, until the server cannot be reached."""
        if not self._waiting:
            return
        self._read_token()
        until = time.monotonic() + _ROUND
        with suppress(OSError):
            for at, body in kept(self._path):
                sent = self._send(body)
                if not sent or sent[0] >= 500 or sent[0] in _LATER:
                    return
                passed_on(self._path, at)
                if time.monotonic() > until:
                    return
            os.unlink(self._path)
            self._waiting = False

    def _send(self, body: bytes) -> Answer | None:
        """What the server answers; None where it cannot be reached."""
        from http.client import HTTPException, HTTPSConnection

        head = {
            "Authorization": f"Bearer {self._tokens[-1].decode()}",
            "Content-Type": "application/json",
        }
        connection = HTTPSConnection(self._server, timeout=_PATIENCE, context=self._to_server)
        with suppress(OSError, HTTPException), closing(connection):
            connection.request("POST", self._what, body, head)
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type") or "", answer.read()
        return None

    def _read_token(self) -> None:
        with suppress(OSError), open(self._token, "rb") as file:
            token = file.read().strip()
            if token and token not in self._tokens:
                self._tokens.append(token)


def _failure(code: int, message: str) -> Answer:
    """As the API says it (``v1.Status``)."""
    import json

    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    said = json.dumps({**status, "message": message, "code": code})
    return code, "application/json", said.encode()
