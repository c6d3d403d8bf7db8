"""What a command reports while there is no server: kept beside it, passed on in order. Through the real shim, with a server of the test's own."""

from __future__ import annotations

import json
import os
import ssl
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from jupyterlab_kubeflow.local.jobs import shim
from jupyterlab_kubeflow.local.jobs.reports import kept
from jupyterlab_kubeflow.local.kubernetes.certificates import Certificates

WHERE = "/apis/here/trainjobs/learns/status"
COMMAND = """
import http.client, json, os, ssl, sys
from urllib.parse import urlsplit
name = "KUBEFLOW_TRAINER_SERVER_"
url = urlsplit(os.environ[name + "URL"])
context = ssl.create_default_context(cafile=os.environ[name + "CA_CERT"])
def report(body, token=None, path=url.path):
    token = token or open(os.environ[name + "TOKEN"]).read()
    connection = http.client.HTTPSConnection(url.netloc, context=context, timeout=30)
    connection.request("POST", path, body.encode(), {"Authorization": "Bearer " + token} if token != "none" else {})
    answer = connection.getresponse()
    return [answer.status, answer.read().decode()]
print("begun", url.netloc, flush=True)
while (text := open("gate").read()) != "end":
    print("answer", json.dumps(report(**json.loads(text))), flush=True)
"""


class Server:
    """The server that is reported to: notes what it takes, can be down, and refuses what says so."""

    def __init__(self, folder: Path) -> None:
        certificates = Certificates(folder)
        certificates.make()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificates.server, certificates.server_key)
        self.taken: list[tuple[str | None, str]] = []
        self.refuses: dict[str, int] = {}
        self._running: ThreadingHTTPServer | None = None
        self.port = 0
        self.up()

    def up(self) -> None:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                code = server.refuses.get(text, 200) if self.path == WHERE else 404
                if code == 200:
                    server.taken.append((self.headers["Authorization"], text))
                said = f"{code} for {text}".encode()
                self.send_response(code)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                pass

        self._running = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._running.server_port
        self._running.socket = self._context.wrap_socket(self._running.socket, server_side=True)
        threading.Thread(target=self._running.serve_forever, args=(0.01,), daemon=True).start()

    def down(self) -> None:
        if self._running:
            self._running.shutdown()
            self._running.server_close()
            self._running = None

    @property
    def bodies(self) -> list[str]:
        return [body for _, body in self.taken]


class Training:
    """A command behind the shim that reports what the test tells it to."""

    def __init__(self, folder: Path, server: Server, authorities: Path) -> None:
        self.token = folder / "token"
        self.token.write_text("first")
        self.kept = folder / "reports"
        self._gate, self._log = folder / "gate", folder / "log"
        os.mkfifo(self._gate)
        name = "KUBEFLOW_TRAINER_SERVER_"
        self.env = {
            name + "URL": f"https://127.0.0.1:{server.port}{WHERE}",
            name + "CA_CERT": str(authorities / "ca.crt"),
            name + "TOKEN": str(self.token),
        }
        call = [sys.executable, "-I", "-S", shim.__file__, str(self._log), str(folder)]
        command = [sys.executable, "-c", COMMAND]
        self.process = subprocess.Popen(
            [*call, "0", "mark", "", str(self.kept), *command], env={**os.environ, **self.env}
        )
        self._answers = 0
        (self.netloc,) = (each.split()[-1] for each in self._said("begun", 1))

    def _said(self, word: str, count: int) -> list[str]:
        def read() -> list[str]:
            text = self._log.read_text() if self._log.exists() else ""
            lines = [line.split(" ", 3)[3] for line in text.splitlines()]
            return [line for line in lines if line.startswith(word + " ")]

        return until(read, lambda lines: len(lines) >= count)

    def report(self, body: str, **more: str) -> tuple[int, str]:
        self._answers += 1
        self._gate.write_text(json.dumps({"body": body, **more}))
        line = self._said("answer", self._answers)[-1]
        code, said = json.loads(line.partition(" ")[2])
        return code, said

    def end(self) -> None:
        self._gate.write_text("end")
        assert self.process.wait(30) == 0

    @property
    def left(self) -> list[str]:
        return [body.decode() for _, body in kept(str(self.kept))]


def until(read: Callable[[], Any], fits: Callable[[Any], Any]) -> Any:
    """What ``read`` gives once it is as wanted."""
    end = time.monotonic() + 60
    while not fits(found := read()):
        assert time.monotonic() < end, f"still {found}"
        time.sleep(0.01)
    return found


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "authorities")
    yield server
    server.down()


@pytest.fixture
def training(tmp_path: Path, server: Server) -> Iterator[Training]:
    training = Training(tmp_path, server, tmp_path / "authorities")
    yield training
    training.process.kill()
    training.process.wait()


def test_answers_and_refusals_are_the_servers(server: Server, training: Training) -> None:
    assert training.netloc != f"127.0.0.1:{server.port}"
    server.refuses = {"wrong": 422, "ill": 500}
    assert training.report("one") == (200, "200 for one")
    assert training.report("wrong") == (422, "422 for wrong")
    assert training.report("ill") == (500, "500 for ill")
    assert training.report("other", path="/else")[0] == 404
    assert server.taken == [("Bearer first", "one")]
    assert not training.kept.exists()


def test_what_is_reported_to_nobody_is_passed_on_in_order_and_once(
    server: Server, training: Training
) -> None:
    training.report("zero")
    server.down()
    bodies = [f'{{"text": "größer",\n"step": {step}}}' for step in range(5)]
    for body in bodies:
        assert training.report(body) == (200, body)
    assert training.left == bodies
    assert stat.S_IMODE(training.kept.stat().st_mode) == 0o600
    server.refuses = {bodies[1]: 422}
    server.up()
    assert training.report("last") == (200, "200 for last")
    assert server.bodies == ["zero", bodies[0], *bodies[2:], "last"]
    assert not training.kept.exists()


def test_it_is_passed_on_without_another_report(server: Server, training: Training) -> None:
    server.down()
    training.report("one")
    server.up()
    until(lambda: server.bodies, lambda taken: taken == ["one"])
    until(training.kept.exists, lambda there: not there)


def test_a_server_in_trouble_gets_it_later_and_nothing_overtakes(
    server: Server, training: Training
) -> None:
    server.down()
    training.report("one")
    server.refuses = {"one": 503}
    server.up()
    assert training.report("two") == (200, "two")
    assert server.bodies == []
    server.refuses = {}
    until(lambda: server.bodies, lambda taken: taken == ["one", "two"])


def test_what_is_left_at_the_end_is_in_the_file(server: Server, training: Training) -> None:
    server.down()
    training.report("one")
    training.report("two")
    training.end()
    assert training.left == ["one", "two"]


def test_nobody_reports_without_the_token(server: Server, training: Training) -> None:
    for token in ("wrong", "none", " "):
        assert training.report("mine", token=token)[0] == 401
        server.down()
        assert training.report("mine", token=token)[0] == 401
        server.up()
    assert training.report("x" * (64 * 1024 + 1))[0] == 200  # the server says what is too long
    server.down()
    assert training.report("x" * (64 * 1024 + 1))[0] == 413
    assert not training.kept.exists()


def test_the_token_of_the_server_before_is_still_a_trainings(
    server: Server, training: Training
) -> None:
    training.report("one")
    server.down()
    training.report("two")
    training.token.write_text("second")
    server.up()
    assert training.report("three", token="first")[0] == 200
    assert server.taken[1:] == [("Bearer second", "two"), ("Bearer second", "three")]


def test_a_command_that_reports_elsewhere_is_left_alone(tmp_path: Path) -> None:
    url = "http://tracker.example/status"
    call = [sys.executable, "-I", "-S", shim.__file__, str(tmp_path / "log"), str(tmp_path)]
    show = ["sh", "-c", "echo $KUBEFLOW_TRAINER_SERVER_URL"]
    env = {**os.environ, "KUBEFLOW_TRAINER_SERVER_URL": url}
    subprocess.run([*call, "0", "mark", "", "reports", *show], env=env, check=True, timeout=30)
    assert (tmp_path / "log").read_text().endswith(f" stdout F {url}\n")
