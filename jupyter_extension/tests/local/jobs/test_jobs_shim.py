"""The process that stands between a container's command and its log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from jupyterlab_kubeflow.local.jobs import shim


def signals(pid: int, field: str) -> set[int]:
    """Those of a field of the process' status that holds signals, as in proc(5)."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (mask,) = (line.split()[1] for line in status.splitlines() if line.startswith(f"{field}:"))
    return {number for number in range(1, 65) if int(mask, 16) >> (number - 1) & 1}


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_command_is_told_to_end_that_had_not_begun_yet(tmp_path: Path) -> None:
    log = tmp_path / "log"
    os.mkfifo(log)  # nobody reads it: the shim waits there, after it has taken over the signals
    call = [
        sys.executable,
        "-I",
        "-S",
        shim.__file__,
        str(log),
        str(tmp_path),
        "0",
        "mark",
        "",
        "reports",
    ]
    with subprocess.Popen([*call, "sleep", "60"]) as process:
        while signal.SIGTERM not in signals(process.pid, "SigCgt"):
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        while signal.SIGTERM in signals(process.pid, "ShdPnd"):
            assert process.poll() is None
        reader = os.open(log, os.O_RDONLY | os.O_NONBLOCK)
        try:
            assert process.wait(30) == -signal.SIGTERM
        finally:
            os.close(reader)
            process.kill()
