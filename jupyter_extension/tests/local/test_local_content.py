"""The content of artifacts and logs: ranges, heads, folders, and files that are large or grow."""

from __future__ import annotations

import io
import os
import tarfile
import uuid
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jupyterlab_kubeflow.local.process import LocalStatus
from local_pipelines import waiter

CONTENT = bytes(range(256)) * 2
GIGABYTE = 2**30
BOUND = 64 * 1024 * 1024
"""So much more memory than before may the server take for a file of any size."""


@pytest.fixture
def folder(local_kubeflow: LocalStatus) -> Path:
    """A folder of a run's artifacts."""
    made = Path(local_kubeflow.home) / "artifacts" / str(uuid.uuid4())
    made.mkdir(parents=True)
    return made


@pytest.fixture(scope="module")
def file(local_kubeflow: LocalStatus) -> Path:
    """An artifact of 512 bytes."""
    path = Path(local_kubeflow.home) / "artifacts" / "content" / "file.bin"
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    return path


def get(
    http: httpx.Client,
    path: Path,
    headers: dict[str, str] | None = None,
    method: str = "GET",
    **query: Any,
) -> httpx.Response:
    params = {"source": "file", "key": str(path), **query}
    return http.request(method, "/artifacts/get", params=params, headers=headers)


@pytest.mark.parametrize(
    ("header", "begin", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=3-6", 3, 7),
        ("bytes=510-", 510, 512),
        ("bytes=510-9999", 510, 512),
        ("bytes=-2", 510, 512),
        ("bytes=-9999", 0, 512),
        ("Bytes = 1 - 2", 1, 3),
    ],
)
def test_a_range(http: httpx.Client, file: Path, header: str, begin: int, end: int) -> None:
    answer = get(http, file, {"Range": header})
    assert (answer.status_code, answer.content) == (206, CONTENT[begin:end])
    assert answer.headers["content-range"] == f"bytes {begin}-{end - 1}/512"
    assert answer.headers["content-length"] == str(end - begin)
    head = get(http, file, {"Range": header}, "HEAD")
    assert (head.status_code, head.content) == (206, b"")
    assert head.headers["content-range"] == answer.headers["content-range"]


@pytest.mark.parametrize("header", ["bytes=512-", "bytes=600-700", "bytes=-0"])
def test_a_range_beyond_the_end(http: httpx.Client, file: Path, header: str) -> None:
    answer = get(http, file, {"Range": header})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */512"
    assert "512 bytes" in answer.json()["message"]


@pytest.mark.parametrize(
    "header", ["bytes=0-1,3-4", "bytes=6-3", "lines=0-1", "bytes=a-b", "bytes=-", "bytes", "=0-1"]
)
def test_what_is_no_range_is_ignored(http: httpx.Client, file: Path, header: str) -> None:
    answer = get(http, file, {"Range": header})
    assert (answer.status_code, answer.content) == (200, CONTENT)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    first=st.none() | st.integers(0, 600),
    last=st.none() | st.integers(0, 600) | st.integers(2**60, 2**80),
)
def test_any_range(http: httpx.Client, file: Path, first: int | None, last: int | None) -> None:
    header = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    if first is None:
        expected = CONTENT[-last:] if last else b""
    else:
        expected = CONTENT[first : None if last is None else last + 1]
    answer = get(http, file, {"Range": header})
    if (first is None and last is None) or (None not in (first, last) and last < first):  # type: ignore[operator]
        assert (answer.status_code, answer.content) == (200, CONTENT)
    elif not expected:
        assert answer.status_code == 416
    else:
        assert (answer.status_code, answer.content) == (206, expected)


def test_if_range(http: httpx.Client, file: Path) -> None:
    """A part is only sent of the file that the client has the other part of."""
    whole = get(http, file)
    for known in (whole.headers["etag"], whole.headers["last-modified"]):
        part = get(http, file, {"Range": "bytes=1-2", "If-Range": known})
        assert (part.status_code, part.content) == (206, CONTENT[1:3])
    for other in ('"other"', f"W/{whole.headers['etag']}", formatdate(0, usegmt=True), "x"):
        answer = get(http, file, {"Range": "bytes=1-2", "If-Range": other})
        assert (answer.status_code, answer.content) == (200, CONTENT)
        assert get(http, file, {"Range": "bytes=900-", "If-Range": other}).status_code == 200


def test_heads(http: httpx.Client, file: Path, folder: Path) -> None:
    head = get(http, file, method="HEAD")
    whole = get(http, file)
    assert head.content == b""
    for name in ("content-length", "content-type", "etag", "accept-ranges", "last-modified"):
        assert head.headers[name] == whole.headers[name]
    assert get(http, folder / "gone", method="HEAD").status_code == 404
    archive = get(http, folder, method="HEAD")
    assert (archive.status_code, archive.headers["content-type"]) == (200, "application/gzip")


def test_an_empty_file(http: httpx.Client, folder: Path) -> None:
    (folder / "empty").touch()
    assert get(http, folder / "empty").content == b""
    assert get(http, folder / "empty", {"Range": "bytes=0-"}).status_code == 416
    assert get(http, folder / "empty", {"Range": "bytes=-5"}).status_code == 416


def test_peek(http: httpx.Client, file: Path) -> None:
    for peek, expected in ((3, CONTENT[:3]), (10**12, CONTENT), (0, CONTENT), (-1, CONTENT)):
        answer = get(http, file, peek=peek)
        assert (answer.status_code, answer.content) == (200, expected)
    assert get(http, file, {"Range": "bytes=9-"}, peek=2).content == CONTENT[:2]
    assert get(http, file, peek="many").status_code == 400


def test_a_folder_comes_as_an_archive(http: httpx.Client, folder: Path, tmp_path: Path) -> None:
    model = folder / "model ü"
    (model / "sub").mkdir(parents=True)
    (model / "a.txt").write_text("a")
    (model / "sub" / "b.bin").write_bytes(CONTENT * 5000)
    os.symlink(model / "a.txt", model / "sub" / "link")
    secret = tmp_path / "secret"
    secret.write_text("secret")
    os.symlink(secret, model / "leak")
    os.symlink(tmp_path, model / "outside")
    os.symlink(model, model / "circle")
    os.symlink(model / "gone", model / "broken")
    answer = get(http, model)
    assert answer.headers["content-type"] == "application/gzip"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"model__.tar.gz\"; filename*=UTF-8''model%20%C3%BC.tar.gz"
    )
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as archive:
        assert archive.getnames() == ["a.txt", "sub/b.bin", "sub/link"]
        assert all(one.isfile() for one in archive)
        taken = archive.extractfile("sub/b.bin")
        assert taken
        assert taken.read() == CONTENT * 5000
    said = get(http, model, peek=100)
    assert said.headers["content-type"] == "text/plain; charset=utf-8"
    assert said.text.splitlines() == [
        'Directory artifact "model ü" — 3 file(s). Download to view contents.',
        "a.txt",
        "sub/b.bin",
        "sub/link",
    ]


def test_a_folder_with_a_name_that_is_no_text_is_summarised(
    http: httpx.Client, folder: Path
) -> None:
    (folder / os.fsdecode(b"\xff\xfe.txt")).touch()
    assert "\ufffd\ufffd.txt" in get(http, folder, peek=500).text.splitlines()


def test_a_folder_with_many_files_is_summarised(http: httpx.Client, folder: Path) -> None:
    for number in range(150):
        (folder / f"{number:03}").touch()
    lines = get(http, folder, peek=1).text.splitlines()
    assert "150 file(s)" in lines[0]
    assert (lines[1], lines[-2], lines[-1]) == ("000", "099", "… and 50 more")
    with tarfile.open(fileobj=io.BytesIO(get(http, folder).content)) as archive:
        assert len(archive.getnames()) == 150


@pytest.mark.parametrize("source", ["minio", "s3", "gcs", "gs", "http", "volume", "artifacts", ""])
def test_other_places_are_refused_in_words(http: httpx.Client, file: Path, source: str) -> None:
    answer = get(http, file, source=source)
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert "source=file" in answer.json()["message"]


@pytest.fixture
def growing(http: httpx.Client, client: Any, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The pod of a task that runs and has said its first word, and the file that ends it."""
    gate = tmp_path / "gate"
    run_id = client.create_run_from_pipeline_func(waiter, arguments={"gate": str(gate)}).run_id
    pod = ""
    while not pod:
        tasks = http.get(f"/apis/v2beta1/runs/{run_id}/tasks").json().get("tasks", [])
        pods = [one["pods"][0]["name"] for one in tasks if one["name"] == "wait" and "pods" in one]
        pod = pods[0] if pods else ""
    with http.stream("GET", "/k8s/pod/logs", params={"podname": pod}) as answer:
        assert "begin" in next(line for line in answer.iter_lines() if line == "begin ✓")
    yield pod, gate
    client.delete_run(run_id)


def test_a_log_that_grows(http: httpx.Client, growing: tuple[str, Path]) -> None:
    pod, gate = growing
    query = {"podname": pod}

    def part(header: str, method: str = "GET", **more: str) -> httpx.Response:
        headers = {"Range": header, **more}
        return http.request(method, "/k8s/pod/logs", params=query, headers=headers)

    now = part("bytes=0-")
    assert now.status_code == 206
    assert now.text.endswith("begin ✓\n")
    size = len(now.content)
    assert now.headers["content-range"] == f"bytes 0-{size - 1}/{size}"
    assert part("bytes=-4").content == now.content[-4:]
    assert part(f"bytes={size}-").status_code == 416, "nothing more is there yet"
    head = http.head("/k8s/pod/logs", params=query)
    assert (head.status_code, head.headers["content-length"]) == (200, str(size))
    gate.touch()
    whole = http.get("/k8s/pod/logs", params=query).content
    assert whole[:size] == now.content
    assert part(f"bytes={size}-").content == whole[size:]
    again = part("bytes=0-1", **{"If-Range": now.headers["etag"]})
    assert (again.status_code, again.content) == (200, whole), "it is another file by now"


@pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="measures the peak of the memory in /proc"
)
def test_a_gigabyte_takes_no_memory(
    http: httpx.Client, folder: Path, local_kubeflow: LocalStatus
) -> None:
    large = folder / "large"
    with large.open("wb") as made:
        made.truncate(GIGABYTE)
        made.seek(GIGABYTE - 4)
        made.write(b"last")
    server = psutil.Process(local_kubeflow.pid)
    before = server.memory_info().rss
    Path(f"/proc/{server.pid}/clear_refs").write_text("5")  # the peak is measured from here
    count = 0
    query = {"source": "file", "key": str(large)}
    with http.stream("GET", "/artifacts/get", params=query) as answer:
        for part in answer.iter_raw():
            count += len(part)
    assert count == GIGABYTE
    assert get(http, large, {"Range": "bytes=-4"}).content == b"last"
    with http.stream("GET", "/artifacts/get", params={**query, "key": str(folder)}) as answer:
        packed = sum(len(part) for part in answer.iter_raw())
    assert 0 < packed < GIGABYTE
    with http.stream("GET", "/artifacts/get", params=query) as answer:
        next(answer.iter_raw())  # and hangs up
    status = Path(f"/proc/{server.pid}/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) * 1024
    large.unlink()
    assert peak - before < BOUND
