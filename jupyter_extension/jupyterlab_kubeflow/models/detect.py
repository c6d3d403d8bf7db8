"""What format a file or folder has, by its first bytes more than by its name, and what that format tells."""

from __future__ import annotations

import os
from pathlib import Path

from . import archive, keras, torch
from .estimators import looks_like_pickle, read_pickle
from .found import Broken, Found
from .huggingface import read_hub_folder
from .lightgbm import looks_like_lightgbm, read_lightgbm
from .onnx import read_onnx
from .reading import LimitReached, Reader
from .safetensors import looks_like_safetensors, read_safetensors
from .tensorflow import read_saved_model
from .tree import Member, Tree, refused, unreadable
from .xgboost import looks_like_xgboost, read_xgboost

_ZIP = b"PK\x03\x04"
_MODEL_ENDINGS = {
    ".onnx": "an ONNX model",
    ".safetensors": "a safetensors file",
    ".keras": "a Keras model",
    ".h5": "an HDF5 file",
    ".hdf5": "an HDF5 file",
    ".ubj": "an XGBoost model",
    ".bst": "a model of XGBoost or LightGBM",
    ".pt": "a PyTorch file",
    ".pth": "a PyTorch file",
}
_LARGE = "It is too long to be looked at as a whole: its signature is not told."


def detect(tree: Tree) -> Found | None:
    """What a model tells, ``None`` for what is in no format that is known. Raises ``KubeflowError`` that names the file that is damaged."""
    return _folder(tree) if tree.folder else _file(tree.members[0], tree.label)


def _file(member: Member, label: str) -> Found | None:
    try:
        with open(member.path, "rb", opener=_opener) as file:
            reader = Reader(file)
            try:
                return _read(reader, file, member)
            except LimitReached:
                found = Found("unknown")
                found.notes.append(_LARGE)
                return found
    except Broken as broken:
        raise refused(f"{label} {broken}. Save the model again, or choose another file.") from None
    except OSError as error:
        raise unreadable(label, error) from None


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _read(reader: Reader, file: object, member: Member) -> Found | None:
    name = member.name.lower()
    if not reader.size:
        raise Broken("is empty")
    head = reader.peek(8)
    if head[:4] == _ZIP:
        return _zip(reader, file, name)
    if head == keras.HDF5_MAGIC:
        return keras.read_hdf5(reader, member.path)
    if torch.is_old_torch(reader):
        return torch.read_old_torch(reader)
    boosted = looks_like_xgboost(reader)
    if boosted:
        return read_xgboost(reader, boosted)
    if looks_like_lightgbm(reader):
        return read_lightgbm(reader)
    if looks_like_safetensors(reader):
        return read_safetensors(reader)
    if looks_like_pickle(reader, name):
        return read_pickle(reader, name)
    return _without_magic(reader, name)


def _without_magic(reader: Reader, name: str) -> Found | None:
    """Formats that have no first bytes of their own."""
    ending = os.path.splitext(name)[1]
    if ending == ".onnx":
        return read_onnx(reader)
    if name.rpartition("/")[2] == "saved_model.pb":
        return read_saved_model(reader)
    if ending in _MODEL_ENDINGS:
        raise Broken(
            f"is no {_MODEL_ENDINGS[ending].split(' ', 1)[1]}, as its name says, or is damaged"
        )
    if reader.peek(1) == b"\x08":
        try:
            return read_onnx(reader)
        except Broken:
            return None
    return None


def _zip(reader: Reader, file: object, name: str) -> Found | None:
    members = archive.Archive(file, reader)  # type: ignore[arg-type]
    try:
        root = torch.torch_root(members.names)
        if root is not None:
            return torch.read_torch(members, root)
        if set(members.names) >= keras.KERAS_MEMBERS:
            return keras.read_keras(members)
    finally:
        members.close()
    ending = os.path.splitext(name)[1]
    if ending in _MODEL_ENDINGS:
        raise Broken(f"is a ZIP archive, but no {_MODEL_ENDINGS[ending].split(' ', 1)[1]}")
    return None


def _folder(tree: Tree) -> Found | None:
    names = [each.name for each in tree.members]
    if not names:
        raise refused(f"{tree.label} has no files in it. Choose the folder of a model.")
    saved = next((each for each in tree.members if each.name == "saved_model.pb"), None)
    if saved:
        return _file(saved, f"{tree.label}/{saved.name}")
    try:
        found = read_hub_folder(Path(tree.path), names)
    except Broken as broken:
        raise refused(
            f"{tree.label} {broken}. Save the model again, or choose another folder."
        ) from None
    except OSError as error:
        raise unreadable(tree.label, error) from None
    return found or _only_model(tree)


def _only_model(tree: Tree) -> Found | None:
    """What the one file at the top of a folder that is a model tells, as KServe's servers look for one."""
    models = []
    for member in tree.members:
        if "/" in member.name or not member.size:
            continue
        found = _file(member, f"{tree.label}/{member.name}")
        if found is not None and found.encoding != "hdf5":
            models.append((member.name, found))
        if len(models) > 1:
            break
    if not models:
        return None
    name, found = models[0]
    found.details["file"] = name
    if len(models) > 1:
        found.notes.append(
            f"The folder has more than one model in it; what is told here is of {name}. Choose one of them."
        )
    return found
