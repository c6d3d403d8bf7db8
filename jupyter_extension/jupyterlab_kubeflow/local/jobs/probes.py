"""Probes of containers, as the kubelet makes them: ``startupProbe`` first, then ``readinessProbe`` and ``livenessProbe`` side by side.

All are asked of loopback. ``grpc`` is asked whether somebody listens, no more.
"""

from __future__ import annotations

import asyncio
import ssl
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import psutil

from jupyterlab_kubeflow.local.engine.process import TaskProcess

from .variables import ADDRESS

Probe = dict[str, Any]
Ask = Callable[[Probe], Awaitable[str | None]]
"""Asks once; None when it is well, else what is wrong."""

_SAID = 512
Tell = Callable[[str, str], Awaitable[None]]
"""Says in an event that a probe, by its kind (``Readiness``), has failed, and why."""

Now = Callable[[bool, bool], Awaitable[None]]
"""Takes whether the container has started and whether it is ready, as its probes say."""


def first(container: dict[str, Any]) -> tuple[bool, bool]:
    """Whether a container counts as started and as ready as soon as its command runs."""
    started = not container.get("startupProbe")
    return started, started and not container.get("readinessProbe")


async def watch(
    container: dict[str, Any],
    run: TaskProcess,
    local: Callable[[str], str],
    tell: Tell,
    now: Now,
    known: tuple[bool, bool],
) -> str:
    """Probes a container that runs. Returns the kind of the probe for which it is to be ended; without such a one it does not return.

    ``local`` puts the folders of volumes into commands. ``known``: whether it has started and is ready, as far as is known.
    """

    async def inside(command: list[str]) -> str | None:
        return await _inside(run, [local(each) for each in command])

    async def ask(probe: Probe) -> str | None:
        return await _within_time(probe, container, inside)

    started, is_ready = known
    ready = container.get("readinessProbe")
    probe = container.get("startupProbe")
    if probe and not started:
        if not await _has_started(probe, ask, tell):
            return "startup"
        await now(True, not ready)
    reading = None
    if ready:
        reading = asyncio.create_task(_readiness(ready, ask, tell, now, is_ready))
    try:
        if probe := container.get("livenessProbe"):
            await asyncio.sleep(probe.get("initialDelaySeconds") or 0)
            await _until(probe, ask, "Liveness", False, tell)
            return "liveness"
        await asyncio.Event().wait()
        raise AssertionError("unreachable")
    finally:
        if reading:
            reading.cancel()


async def _has_started(probe: Probe, ask: Ask, tell: Tell) -> bool:
    await asyncio.sleep(probe.get("initialDelaySeconds") or 0)
    for _ in range(probe.get("failureThreshold") or 3):
        if (wrong := await ask(probe)) is None:
            return True
        await tell("Startup", wrong)
        await asyncio.sleep(probe.get("periodSeconds") or 10)
    return False


async def _readiness(probe: Probe, ask: Ask, tell: Tell, now: Now, ready: bool) -> None:
    await asyncio.sleep(probe.get("initialDelaySeconds") or 0)
    while True:
        await _until(probe, ask, "Readiness", not ready, tell)
        ready = not ready
        await now(True, ready)


async def _until(probe: Probe, ask: Ask, kind: str, well: bool, tell: Tell) -> None:
    """Returns when the probe was (not) ``well`` as many times in a row as it says."""
    wanted = (probe.get("successThreshold") or 1) if well else (probe.get("failureThreshold") or 3)
    seen = 0
    while True:
        if wrong := await ask(probe):
            await tell(kind, wrong)
        seen = seen + 1 if (wrong is None) == well else 0
        if seen >= wanted:
            return
        await asyncio.sleep(probe.get("periodSeconds") or 10)


async def _inside(run: TaskProcess, command: list[str]) -> str | None:
    """Runs a command with the variables and in the directory of a container's process; says what is wrong with how it ended."""
    try:
        process = psutil.Process(run.pid)
        env, folder = process.environ(), process.cwd()
    except psutil.Error as error:
        return str(error)
    probe = await asyncio.create_subprocess_exec(
        *command,
        env=env,
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await probe.communicate()
    finally:
        with suppress(ProcessLookupError):
            probe.kill()
    text = said.decode(errors="replace").strip()[-_SAID:]
    return (text or f"exit code {probe.returncode}") if probe.returncode else None


async def _within_time(
    probe: Probe, container: dict[str, Any], run: Callable[[list[str]], Awaitable[str | None]]
) -> str | None:
    """Asks once, within the probe's time. ``run`` runs a command in the container and says what is wrong with how it ended."""
    seconds = float(probe.get("timeoutSeconds") or 1)
    try:
        return await asyncio.wait_for(_ask(probe, container, run, seconds), seconds)
    except (asyncio.TimeoutError, TimeoutError):
        return f"no answer within {seconds:g} s"
    except (OSError, ValueError) as error:
        return str(error) or type(error).__name__


async def _ask(
    probe: Probe,
    container: dict[str, Any],
    run: Callable[[list[str]], Awaitable[str | None]],
    seconds: float,
) -> str | None:
    if action := probe.get("exec"):
        return await run([*(action.get("command") or ())])
    if action := probe.get("httpGet"):
        port = _port(action["port"], container)
        return await asyncio.to_thread(_get, action, port, seconds)
    action = probe.get("tcpSocket") or probe.get("grpc") or {}
    _, writer = await asyncio.open_connection(ADDRESS, _port(action.get("port"), container))
    writer.close()
    return None


def _port(port: Any, container: dict[str, Any]) -> int:
    if isinstance(port, int) or str(port).isdigit():
        return int(port)
    for each in container.get("ports") or ():
        if each.get("name") == port:
            return int(each["containerPort"])
    raise ValueError(f"the container has no port {port!r}")


def _get(action: dict[str, Any], port: int, seconds: float) -> str | None:
    scheme = "https" if action.get("scheme") == "HTTPS" else "http"
    path = str(action.get("path") or "/").lstrip("/")
    request = urllib.request.Request(f"{scheme}://{ADDRESS}:{port}/{path}")  # noqa: S310 see above
    for each in action.get("httpHeaders") or ():
        request.add_header(each["name"], each["value"])
    context = ssl.create_default_context()
    context.check_hostname = False  # as the kubelet, which does not know the authority either
    context.verify_mode = ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    try:
        with opener.open(request, timeout=seconds):
            return None
    except urllib.error.HTTPError as error:
        return f"HTTP probe failed with statuscode: {error.code}"
