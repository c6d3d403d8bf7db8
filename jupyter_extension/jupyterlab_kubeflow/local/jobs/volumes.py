"""Volumes of pods as folders of this machine. There is no mount here: the paths at which containers have them are replaced in what they are given.

``emptyDir`` lives as long as its pod. The folder of a claim is ``volumes/NAMESPACE/CLAIM`` below Local Kubeflow's home and is never removed.
"""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .words import CannotCreate, CannotSchedule

Find = Callable[[str, str], dict[str, Any] | None]
"""An object of the pod's namespace by kind (``ConfigMap``, ``Secret``, ``PersistentVolumeClaim``) and name."""

_KINDS = ("emptyDir", "persistentVolumeClaim", "configMap", "secret", "projected", "downwardAPI")


@dataclass(frozen=True)
class Volumes:
    """The folders of a pod's volumes by name."""

    folders: dict[str, Path]

    def paths(self, container: dict[str, Any]) -> dict[str, str]:
        """Where the container expects a volume → where it is."""
        found: dict[str, str] = {}
        for mount in container.get("volumeMounts") or ():
            folder = self.folders.get(mount["name"])
            if folder is None:
                raise CannotCreate(f'volumeMounts: the pod has no volume "{mount["name"]}"')
            target = folder / str(mount.get("subPath") or "")
            if ".." in target.parts:
                raise CannotCreate(f"volumeMounts: subPath {mount['subPath']!r} must not leave it")
            found[str(mount["mountPath"]).rstrip("/") or "/"] = str(target)
        return found


def check(spec: dict[str, Any], find: Find) -> None:
    """Raises :class:`CannotSchedule` for volumes that this machine does not have."""
    for index, volume in enumerate(spec.get("volumes") or ()):
        kind = next((each for each in volume if each != "name"), "emptyDir")
        if kind not in _KINDS:
            remedy = "Use a persistentVolumeClaim or an emptyDir"
            raise CannotSchedule(
                f"0/1 nodes are available: spec.volumes[{index}].{kind}: Local Kubeflow has no such volumes. {remedy}."
            )
        if kind == "persistentVolumeClaim":
            claim = volume[kind]["claimName"]
            if find("PersistentVolumeClaim", claim) is None:
                raise CannotSchedule(
                    f'0/1 nodes are available: persistentvolumeclaim "{claim}" not found'
                )


def make(pod: dict[str, Any], own: Path, claims: Path, find: Find) -> Volumes:
    """Makes the folders, ``own`` for what lives as long as the pod. Raises :class:`CannotCreate` for what they are to hold and is not there."""
    folders: dict[str, Path] = {}
    for volume in pod["spec"].get("volumes") or ():
        name = volume["name"]
        if claim := volume.get("persistentVolumeClaim"):
            folders[name] = claims / pod["metadata"]["namespace"] / claim["claimName"]
            folders[name].mkdir(parents=True, exist_ok=True, mode=0o700)
            continue
        folder = folders[name] = own / name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sources = (volume.get("projected") or {}).get("sources") or [volume]
        for source in sources:
            for path, content in _files(source, find, pod):
                target = folder / path
                if ".." in Path(path).parts or Path(path).is_absolute():
                    raise CannotCreate(f'volume "{name}": path {path!r} must lie in it')
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                target.chmod(0o600)
    return Volumes(folders)


def _files(source: dict[str, Any], find: Find, pod: dict[str, Any]) -> Iterable[tuple[str, bytes]]:
    for field, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
        if given := source.get(field):
            name = given.get("name") or given.get("secretName")
            body = find(kind, name)
            if body is None:
                if given.get("optional"):
                    continue
                raise CannotCreate(f'{kind.lower()} "{name}" not found')
            held = contents(body)
            chosen = given.get("items") or [{"key": key, "path": key} for key in held]
            for item in chosen:
                if item["key"] not in held:
                    raise CannotCreate(f'{kind.lower()} "{name}" has no key {item["key"]!r}')
                yield item["path"], held[item["key"]]
    for item in (source.get("downwardAPI") or {}).get("items") or ():
        from .variables import field_of

        yield (
            item["path"],
            field_of(pod, (item.get("fieldRef") or {}).get("fieldPath", "")).encode(),
        )
    if source.get("serviceAccountToken"):
        raise CannotCreate("projected.serviceAccountToken: Local Kubeflow gives out no such tokens")


def contents(body: dict[str, Any]) -> dict[str, bytes]:
    """What a ConfigMap or a Secret holds."""
    if body["kind"] == "Secret":
        return {key: base64.b64decode(value) for key, value in (body.get("data") or {}).items()}
    held = {key: str(value).encode() for key, value in (body.get("data") or {}).items()}
    binary = {key: base64.b64decode(value) for key, value in (body.get("binaryData") or {}).items()}
    return {**held, **binary}


def replacer(paths: dict[str, str]) -> Callable[[str], str]:
    """Puts the place of a volume where a text has the path at which it is expected: whole parts of paths only."""
    if not paths:
        return lambda text: text
    longest = sorted(paths, key=len, reverse=True)
    pattern = re.compile(
        r"(?<![\w/.~-])(?:" + "|".join(map(re.escape, longest)) + r")(?=/|[^\w.-]|\.?$|\.\s)"
    )
    return lambda text: pattern.sub(lambda match: paths[match[0]], text)


def remove(folder: Path) -> None:
    """Removes what lives as long as the pod."""
    shutil.rmtree(folder, ignore_errors=True)
