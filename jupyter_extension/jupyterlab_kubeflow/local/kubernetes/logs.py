"""Logs of pods: files in the kubelet's form, ``TIME STREAM F TEXT`` a line, below a folder: ``POD UID/CONTAINER/RESTARTS.log``."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import chain
from pathlib import Path
from typing import IO, Any

from jupyterlab_kubeflow.local.katib.words import COLLECTOR, PRIMARY

from .errors import StatusError, bad_request

_POLL = 0.1
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class LogOptions:
    """``v1.PodLogOptions``."""

    container: str = ""
    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    tail: int | None = None
    since: datetime | None = None
    limit: int | None = None

    @classmethod
    def read(cls, query: dict[str, str]) -> LogOptions:
        """From a request's query. Raises 400 and 422 for what cannot be read."""

        def number(name: str, least: int) -> int | None:
            text = query.get(name)
            if text in (None, ""):
                return None
            if not str(text).lstrip("-").isdigit():
                raise bad_request(
                    f'strconv.ParseInt: parsing "{text}": invalid syntax (parameter {name})'
                )
            value = int(str(text))
            if value < least:
                raise StatusError(
                    422,
                    "Invalid",
                    f'PodLogOptions "" is invalid: {name}: Invalid value: {value}: must be greater than or equal to {least}',
                )
            return value

        since: datetime | None = None
        if (seconds := number("sinceSeconds", 1)) is not None:
            since = datetime.now(timezone.utc) - timedelta(seconds=seconds)
        elif text := query.get("sinceTime"):
            since = _time(text)
            if since is None:
                raise bad_request(f"sinceTime: not a time: {text!r}")
        return cls(
            container=query.get("container", ""),
            follow=query.get("follow", "").lower() in ("true", "1"),
            previous=query.get("previous", "").lower() in ("true", "1"),
            timestamps=query.get("timestamps", "").lower() in ("true", "1"),
            tail=number("tailLines", 0),
            since=since,
            limit=number("limitBytes", 1),
        )


class PodLogs:
    """The logs below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, uid: str, container: str, restarts: int = 0) -> Path:
        """The file of one run of a container."""
        return self.folder_of(uid) / container / f"{restarts}.log"

    def folder_of(self, uid: str) -> Path:
        """All logs of a pod."""
        return self._folder / uid

    def writer(self, uid: str, container: str, restarts: int = 0) -> LogWriter:
        """Writes the log of one run of a container."""
        return LogWriter(self.path(uid, container, restarts))

    def file(self, pod: dict[str, Any], options: LogOptions) -> Path:
        """The file that a request is about. Raises 400 that says why there is none."""
        name = pod["metadata"]["name"]
        container = _container(pod, options.container)
        statuses = (pod.get("status") or {}).get("containerStatuses") or []
        statuses += (pod.get("status") or {}).get("initContainerStatuses") or []
        status: dict[str, Any] = next((each for each in statuses if each["name"] == container), {})
        restarts = status.get("restartCount", 0)
        if options.previous:
            restarts -= 1
        path = self.path(pod["metadata"]["uid"], container, restarts)
        if options.previous and (restarts < 0 or not path.exists()):
            raise bad_request(
                f'previous terminated container "{container}" in pod "{name}" not found'
            )
        if not path.exists():
            state = status.get("state") or {}
            if ended := state.get("terminated"):
                said = (
                    f"has terminated with {ended.get('reason', 'Error')}, and there is no log of it"
                )
            else:
                waiting = state.get("waiting") or {}
                said = f"is waiting to start: {waiting.get('reason', 'ContainerCreating')}"
            raise bad_request(f'container "{container}" in pod "{name}" {said}')
        return path

    async def lines(
        self, path: Path, options: LogOptions, ended: Callable[[], bool]
    ) -> AsyncIterator[bytes]:
        """The lines of a log, many at once; with ``follow`` until ``ended`` and nothing is left. Never holds more than ``tail`` lines."""
        left = options.limit
        with path.open("rb") as file:
            tail = _tail(file, options) if options.tail is not None else []
            while True:
                last = not options.follow or ended()
                for text in _chunks(chain(tail, _whole(file, options))):
                    yield text if left is None else text[:left]
                    if left is not None and (left := max(0, left - len(text))) == 0:
                        return
                if last:
                    return
                tail = []
                await asyncio.sleep(_POLL)


class LogWriter:
    """Appends lines with their time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = path.open("ab", buffering=0)

    def write(self, text: str, stream: str = "stdout") -> None:
        """Writes the lines of a text."""
        time = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
        said = "".join(f"{time} {stream} F {line}\n" for line in text.splitlines())
        self._file.write(said.encode())

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _container(pod: dict[str, Any], wanted: str) -> str:
    name, spec = pod["metadata"]["name"], pod["spec"]
    names = [each["name"] for each in spec.get("containers") or ()]
    others = [each["name"] for each in spec.get("initContainers") or ()]
    annotated = (pod["metadata"].get("annotations") or {}).get(
        "kubectl.kubernetes.io/default-container"
    )
    if not wanted:
        if len(names) == 1:
            return str(names[0])
        if annotated in names:
            return str(annotated)
        initial = f" or one of the init containers: [{' '.join(others)}]" if others else ""
        raise bad_request(
            f"a container name must be specified for pod {name}, choose one of: [{' '.join(names)}]{initial}"
        )
    if wanted == COLLECTOR and PRIMARY in (pod["metadata"].get("annotations") or {}):
        return str(pod["metadata"]["annotations"][PRIMARY])
    if wanted not in [*names, *others]:
        raise bad_request(f"container {wanted} is not valid for pod {name}")
    return wanted


def _whole(file: IO[bytes], options: LogOptions) -> Iterator[bytes]:
    """The lines from where the file stands. An unfinished last line is left for later."""
    while True:
        start = file.tell()
        line = file.readline()
        if not line.endswith(b"\n"):
            file.seek(start)
            return
        if text := _shown(line, options):
            yield text


def _tail(file: IO[bytes], options: LogOptions) -> list[bytes]:
    return list(deque(_whole(file, options), maxlen=options.tail))


def _chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    chunk = bytearray()
    for line in lines:
        chunk += line
        if len(chunk) >= _CHUNK:
            yield bytes(chunk)
            chunk.clear()
    if chunk:
        yield bytes(chunk)


def _shown(line: bytes, options: LogOptions) -> bytes:
    time, _, rest = line.partition(b" ")
    text = rest.split(b" ", 2)[-1]
    if options.since is not None:
        then = _time(time.decode("ascii", "replace"))
        if then is not None and then < options.since:
            return b""
    return time + b" " + text if options.timestamps else text


def _time(text: str) -> datetime | None:
    date, _, rest = text.partition(".")
    if rest:
        digits = rest.rstrip("Z").split("+")[0]
        text = f"{date}.{digits[:6]:0<6}+00:00"
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)
