"""Where the values of a Trial are read from: the logs of its pods, or the files that they write. The log of a pod is kept when the pod is gone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from jupyterlab_kubeflow.local.kubernetes.logs import PodLogs

from . import metrics
from .metrics import Log, Reader

Body = dict[str, Any]
_INDEX = "batch.kubernetes.io/job-completion-index"


@dataclass
class Source:
    """One run of the primary container of one pod: :attr:`key` names it, :attr:`path` is the file, read up to :attr:`offset`."""

    key: str
    path: Path
    read_line: Callable[[bytes], list[Log]]
    offset: int = 0
    count: int = 0

    def more(self, *, whole: bool) -> list[Log]:
        """The values that came since; ``whole``: an unfinished last line counts, too. Waits for the disk."""
        found: list[Log] = []
        with suppress(FileNotFoundError), self.path.open("rb") as file:
            file.seek(self.offset)
            for line in _lines(file, whole=whole):
                self.offset += len(line)
                found += self.read_line(line)
        return found


class KeptLogs:
    """The logs of Trials below a folder, ``UID/POD.RESTARTS.log``, in the form of :class:`PodLogs`. They go with their Trial."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, uid: str, pod: str, restarts: int, log: Path) -> Path:
        """Keeps a log that is still written to; returns where it is read from then."""
        kept = self._folder / uid / f"{pod}.{restarts}.log"
        if not kept.exists() and log.exists():
            kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(OSError):  # a file system without links: it is read where it is
                os.link(log, kept)
        return kept if kept.exists() else log

    def files(self, uid: str) -> list[Path]:
        """The logs of a Trial, in the order in which they began."""
        return sorted((self._folder / uid).glob("*.log"), key=lambda each: each.stat().st_mtime_ns)

    def text(self, uid: str) -> str:
        """What a Trial has said, all its pods one after the other, without the times. Waits for the disk."""
        said = []
        for file in self.files(uid):
            with file.open("rb") as lines:
                said += [line.split(b" ", 3)[-1].decode(errors="replace") for line in lines]
        return "".join(said)

    def remove(self, uid: str) -> None:
        """Removes all of a Trial."""
        shutil.rmtree(self._folder / uid, ignore_errors=True)

    def only(self, uids: set[str]) -> None:
        """Removes what is of other Trials than these."""
        for each in self._folder.glob("*"):
            if each.name not in uids:
                self.remove(each.name)


def kept_logs(root: Path) -> KeptLogs:
    """The logs of Trials in a home."""
    return KeptLogs(root / "kubernetes" / "trials")


class Places:
    """Finds the sources of Trials. ``root`` is Local Kubeflow's home."""

    def __init__(self, logs: PodLogs, kept: KeptLogs, root: Path) -> None:
        self._logs = logs
        self._kept = kept
        self._root = root

    def of(self, trial: Body, pods: list[Body]) -> list[Source]:
        """The sources of a Trial among its pods, those of failed attempts only where there is no other."""
        spec = trial["spec"]
        read = metrics.reader(spec["metricsCollector"], spec["objective"])
        file = (spec["metricsCollector"].get("source") or {}).get("fileSystemPath") or {}
        of_file = spec["metricsCollector"]["collector"]["kind"] == "File"
        found = []
        for pod in _counting(pods, spec.get("primaryPodLabels") or {}):
            name = primary(pod, spec["primaryContainerName"])
            restarts = _restarts(pod, name)
            uid, pod_name = pod["metadata"]["uid"], pod["metadata"]["name"]
            log = self._logs.path(uid, name, restarts)
            kept = self._kept.keep(trial["metadata"]["uid"], pod_name, restarts, log)
            path = self._file(pod, name, file["path"]) if of_file else kept
            lines = _of_file(read) if of_file else _of_log(read)
            found.append(Source(f"{uid}/{restarts}", path, lines))
        return found

    def _file(self, pod: Body, container: str, path: str) -> Path:
        """Where a file of a container is on this machine: in the folder of the volume that it lies in, else where it says."""
        held = next(each for each in pod["spec"]["containers"] if each["name"] == container)
        mounts = sorted(held.get("volumeMounts") or (), key=lambda each: -len(each["mountPath"]))
        for mount in mounts:
            at = str(mount["mountPath"]).rstrip("/")
            if not path.startswith(f"{at}/"):
                continue
            volume = next(each for each in pod["spec"]["volumes"] if each["name"] == mount["name"])
            folder = self._root / "pods" / pod["metadata"]["uid"] / "volumes" / mount["name"]
            if claim := volume.get("persistentVolumeClaim"):
                place = self._root / "volumes" / pod["metadata"]["namespace"]
                folder = place / claim["claimName"]
            return folder / str(mount.get("subPath") or "") / path[len(at) + 1 :]
        return Path(path)


def primary(pod: Body, wanted: str) -> str:
    """The container of a pod that the Trial calls primary, or else its first one."""
    names = [each["name"] for each in pod["spec"]["containers"]]
    return wanted if wanted in names else str(names[0])


def is_primary(pod: Body, labels: dict[str, str]) -> bool:
    """Whether a pod has the Trial's ``primaryPodLabels``."""
    held = pod["metadata"].get("labels") or {}
    return all(held.get(name) == value for name, value in labels.items())


def _counting(pods: list[Body], labels: dict[str, str]) -> list[Body]:
    groups: dict[str, list[Body]] = {}
    for pod in pods:
        if is_primary(pod, labels):
            held = pod["metadata"].get("labels") or {}
            groups.setdefault(held.get(_INDEX, ""), []).append(pod)
    found = []
    for group in groups.values():
        good = [each for each in group if (each.get("status") or {}).get("phase") != "Failed"]
        found += good or group[-1:]
    return found


def _restarts(pod: Body, container: str) -> int:
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    found: Body = next((each for each in statuses if each["name"] == container), {})
    return int(found.get("restartCount", 0))


def _lines(file: IO[bytes], *, whole: bool) -> Iterator[bytes]:
    for line in file:
        if line.endswith(b"\n") or whole:
            yield line


def _of_log(read: Reader) -> Callable[[bytes], list[Log]]:
    def values(line: bytes) -> list[Log]:
        time, _, rest = line.partition(b" ")
        said = rest.split(b" ", 2)[-1].decode(errors="replace").rstrip("\r\n")
        return read(said, metrics.normal(time.decode(errors="replace")) or metrics.now())

    return values


def _of_file(read: Reader) -> Callable[[bytes], list[Log]]:
    return lambda line: read(line.decode(errors="replace").rstrip("\r\n"), metrics.now())
