"""Which files belong to a model, and the SHA-256 of them."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.models import tree
from jupyterlab_kubeflow.models.digest import Digest


def sha256(path: Path, root: Path | None = None) -> str:
    digest = Digest(tree.look(path, root or path.parent.resolve(), path.name))
    while digest.go_on():
        pass
    assert digest.sha256
    return digest.sha256


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "model"
    for name in ("b.bin", "a/z.bin", "a/größe.bin", "a-b.bin", "B.bin", "with space.bin"):
        path = made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * 3)
    (made / "empty").write_bytes(b"")
    for hidden in (".git/HEAD", ".DS_Store", "a/.cache/x"):
        path = made / hidden
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"hidden")
    return made


def test_of_a_file_it_is_that_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"abc" * 1_000_000)
    assert sha256(tmp_path / "model.onnx") == hashlib.sha256(b"abc" * 1_000_000).hexdigest()


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="the documented command needs sha256sum")
def test_of_a_folder_it_is_what_the_documented_command_prints(folder: Path) -> None:
    command = r"find -L . -type f -not -path '*/.*' -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum"
    printed = subprocess.run(
        ["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=True
    )
    assert sha256(folder) == printed.stdout.split()[0]


def test_a_link_to_a_file_counts_as_the_file(folder: Path, tmp_path: Path) -> None:
    before = sha256(folder)
    shutil.move(folder / "b.bin", tmp_path / "blob")
    (folder / "b.bin").symlink_to(tmp_path / "blob")
    assert sha256(folder, tmp_path.resolve()) == before


def test_size_and_files(folder: Path) -> None:
    found = tree.look(folder, folder.parent.resolve(), "model")
    assert len(found.members) == 7
    assert found.size == sum(each.path.stat().st_size for each in found.members)
    assert [each.name for each in found.members][:3] == ["B.bin", "a-b.bin", "a/größe.bin"]


def test_a_link_that_leads_out_is_refused(folder: Path) -> None:
    (folder / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(KubeflowError, match="model/passwd is a link that leads out") as caught:
        sha256(folder)
    assert caught.value.status == 403


def test_a_link_to_a_folder_or_to_nothing_is_refused(folder: Path) -> None:
    (folder / "again").symlink_to(folder)
    with pytest.raises(KubeflowError, match="model/again is a link to a folder"):
        sha256(folder)
    (folder / "again").unlink()
    (folder / "gone").symlink_to(folder / "nothing")
    with pytest.raises(KubeflowError, match="model/gone is a link to a file that is not there"):
        sha256(folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with a name")
def test_what_is_no_file_is_refused_without_waiting_for_it(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    for path in (folder, folder / "pipe"):
        with pytest.raises(KubeflowError, match="pipe is neither a file nor a folder"):
            sha256(path)


def test_too_many_files_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MOST_FILES", 3)
    with pytest.raises(KubeflowError, match="more than 3 files"):
        sha256(folder)


def test_a_name_that_cannot_stand_in_a_line_is_refused(folder: Path) -> None:
    (folder / "two\nlines").write_bytes(b"x")
    with pytest.raises(KubeflowError, match="control character"):
        sha256(folder)


def test_a_file_that_changes_meanwhile_is_named(folder: Path) -> None:
    digest = Digest(tree.look(folder, folder.parent.resolve(), "model"))
    (folder / "a-b.bin").write_bytes(b"more than before, by far")
    with pytest.raises(KubeflowError, match=r"model/a-b\.bin changed while it was read"):
        digest.go_on()


def test_a_file_that_goes_meanwhile_is_named(folder: Path) -> None:
    digest = Digest(tree.look(folder, folder.parent.resolve(), "model"))
    (folder / "a-b.bin").unlink()
    with pytest.raises(KubeflowError, match=r"There is no model/a-b\.bin"):
        digest.go_on()
