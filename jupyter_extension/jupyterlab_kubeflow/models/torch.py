"""PyTorch: TorchScript and what ``torch.save`` writes, both ZIP archives with pickles in them, and the older file of pickles."""

from __future__ import annotations

from typing import Any

from .archive import Archive
from .estimators import unsafe
from .found import Found
from .pickles import Made, Name, scan
from .reading import Reader

_MAGIC = bytes.fromhex("8a0a6cfc9c46f920") + b"j\xa8P\x19."
_WEIGHTS = {
    "collections",
    "torch",
    "torch._utils",
    "torch.storage",
    "torch.serialization",
    "_codecs",
}


def torch_root(names: list[str]) -> str | None:
    """The folder in an archive of PyTorch that holds all of it, ``None`` for another archive."""
    for name in names[:1000]:
        folder, slash, last = name.rpartition("/")
        if last == "data.pkl" and slash and "/" not in folder:
            return folder
    return None


def read_torch(archive: Archive, root: str) -> Found:
    """What an archive tells: TorchScript has code of its own in it."""
    names = set(archive.names)
    script = f"{root}/constants.pkl" in names or any(
        each.startswith(f"{root}/code/") for each in names
    )
    found = Found("torchscript" if script else "torch", "pytorch", "1", "PyTorch")
    with archive.forwards(f"{root}/data.pkl") as data:
        pickle = scan(data)
    if script:
        if isinstance(pickle.top, Made) and isinstance(pickle.top.by, Name):
            found.details["class"] = str(pickle.top.by).removeprefix("__torch__.")
        return found
    if not pickle.whole:
        found.notes.append(
            "It is too long to be looked at as a whole: what is told here is of its first part."
        )
    _weights(found, pickle)
    return found


def is_old_torch(reader: Reader) -> bool:
    """Whether the file is one that ``torch.save`` wrote before PyTorch 1.6."""
    return reader.peek(2 + len(_MAGIC))[2:] == _MAGIC


def read_old_torch(reader: Reader) -> Found:
    """What such a file tells: three pickles of numbers come before the content."""
    found = Found("torch", "pytorch", "1", "PyTorch")
    reader.go(0)
    for _ in range(3):
        scan(reader)
    _weights(found, scan(reader))
    return found


def _weights(found: Found, pickle: Any) -> None:
    """Notes whether there is more in a pickle than tensors by their names."""
    if pickle.whole and all(
        each.module in _WEIGHTS or each.module.startswith("torch.") for each in pickle.names
    ):
        found.notes.append(
            "It holds weights only. Load it with weights_only=True, which runs no code."
        )
        if isinstance(pickle.top, dict) or (
            isinstance(pickle.top, Made) and str(pickle.top.by) == "collections.OrderedDict"
        ):
            found.details["content"] = "state_dict"
        if not any(each.module.startswith("torch.nn") for each in pickle.names):
            return
    found.unsafe = unsafe(pickle)
