"""Files as answers: whole or a range of them, never more in memory than a chunk; folders as an archive of their files."""

from __future__ import annotations

import gzip
import os
import re
import tarfile
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from email.utils import formatdate
from pathlib import Path
from typing import IO, BinaryIO, cast
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from jupyterlab_kubeflow.local.wire_errors import OUT_OF_RANGE, ApiError

CHUNK = 256 * 1024
"""Bytes that are read at once."""

MOST_NAMES = 100
"""So many names at most a folder's summary gives."""

_RANGE = re.compile(r"bytes\s*=\s*([0-9]*)\s*-\s*([0-9]*)\s*", re.IGNORECASE | re.ASCII)


def file_response(
    request: Request, file: BinaryIO, kind: str, headers: Mapping[str, str], peek: int = 0
) -> Response:
    """The open file as it is now, which the answer closes; what is added meanwhile is not in it.

    One ``Range`` is served, also from the end (``bytes=-100``), unless ``If-Range`` names another state of the file. Several ranges, or
    what is none, are ignored, as RFC 9110 allows. 416 with ``Content-Range: bytes */SIZE`` when the range lies beyond the file. With
    ``peek`` the answer has only so many bytes from the beginning.
    """
    state = os.fstat(file.fileno())
    size = state.st_size
    sent = {
        **headers,
        "Accept-Ranges": "bytes",
        "ETag": f'"{state.st_mtime_ns:x}-{size:x}"',
        "Last-Modified": formatdate(state.st_mtime, usegmt=True),
    }
    begin, end, status = 0, min(peek, size) if peek > 0 else size, 200
    if peek <= 0 and _range_is_wanted(request, sent):
        try:
            span = _span(request.headers["range"], size)
        except ApiError as error:
            file.close()
            return error.response({"Content-Range": f"bytes */{size}"})
        if span is not None:
            begin, end = span
            status = 206
            sent["Content-Range"] = f"bytes {begin}-{end - 1}/{size}"
    sent["Content-Length"] = str(end - begin)
    if request.method == "HEAD":
        file.close()
        return Response(status_code=status, media_type=kind, headers=sent)
    return StreamingResponse(
        _read(file, begin, end), status_code=status, media_type=kind, headers=sent
    )


def folder_response(request: Request, folder: Path, headers: Mapping[str, str]) -> Response:
    """The files of the folder as ``NAME.tar.gz``, made while it is sent, as by the KFP UI server. Links out of the folder are left out."""
    name = f"{folder.name}.tar.gz"
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    sent = {
        **headers,
        "Accept-Ranges": "none",
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
    }
    if request.method == "HEAD":
        return Response(media_type="application/gzip", headers=sent)
    return StreamingResponse(_archive(folder), media_type="application/gzip", headers=sent)


def folder_summary(folder: Path) -> str:
    """What a preview of the folder says: how many files it has, and the names of the first ones."""
    names: list[str] = []
    count = 0
    for name in _files(folder):
        count += 1
        if count <= MOST_NAMES:
            names.append(os.fsencode(name).decode(errors="replace"))
    more = [f"… and {count - MOST_NAMES} more"] if count > MOST_NAMES else []
    head = f'Directory artifact "{folder.name}" — {count} file(s). Download to view contents.'
    return "\n".join([head, *names, *more, ""])


def _range_is_wanted(request: Request, state: Mapping[str, str]) -> bool:
    if "range" not in request.headers:
        return False
    known = request.headers.get("if-range")
    return known is None or known in (state["ETag"], state["Last-Modified"])


def _span(header: str, size: int) -> tuple[int, int] | None:
    """Begin and end of the range in a file of ``size`` bytes, None for the whole file. 416 when nothing of it is there."""
    found = _RANGE.fullmatch(header.strip())
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if first and last and int(last) < int(first):
        return None
    begin = int(first) if first else size - min(int(last), size)
    if begin >= size:
        said = f"The range {header} lies beyond the end: there are {size} bytes."
        raise ApiError(OUT_OF_RANGE, said, status=416)
    return begin, min(int(last) + 1, size) if first and last else size


async def _read(file: BinaryIO, begin: int, end: int) -> AsyncIterator[bytes]:
    try:
        await run_in_threadpool(file.seek, begin)
        while begin < end:
            part = await run_in_threadpool(file.read, min(CHUNK, end - begin))
            if not part:
                raise OSError("The file has become shorter while it was sent.")
            begin += len(part)
            yield part
    finally:
        file.close()


async def _archive(folder: Path) -> AsyncIterator[bytes]:
    reading, writing = os.pipe()
    failure: list[BaseException] = []

    def write() -> None:
        try:
            with (
                open(writing, "wb") as pipe,
                gzip.GzipFile(fileobj=pipe, mode="wb", compresslevel=1, mtime=0) as packed,
                tarfile.open(fileobj=cast("IO[bytes]", packed), mode="w|") as archive,
            ):
                for name in _files(folder):
                    with open(os.path.join(folder, name), "rb") as file:
                        archive.addfile(archive.gettarinfo(arcname=name, fileobj=file), file)
        except BaseException as error:
            failure.append(error)

    writer = threading.Thread(target=write, name="archive", daemon=True)
    writer.start()
    try:
        while part := await run_in_threadpool(os.read, reading, CHUNK):
            yield part
    finally:
        os.close(reading)  # which ends the writer, when it is the reader who has hung up
    await run_in_threadpool(writer.join)
    if failure:
        raise failure[0]


def _files(folder: Path) -> Iterator[str]:
    """The names of all files below the folder, of a folder in the order of their names; of the links those to files in it."""
    root = os.path.realpath(folder)
    for place, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(place, name)
            real = os.path.realpath(path)
            if os.path.isfile(real) and os.path.commonpath([root, real]) == root:
                yield os.path.relpath(path, root)
