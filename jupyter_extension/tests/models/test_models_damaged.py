"""Whatever is in a file, looking at it ends in what it tells or in an error that names it."""

from __future__ import annotations

import io
import pickle
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import making
import numpy as np
import pytest
import xgboost
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.models import estimators, keras, reading
from jupyterlab_kubeflow.models.detect import detect
from jupyterlab_kubeflow.models.found import Found
from jupyterlab_kubeflow.models.tree import look
from sklearn.linear_model import LogisticRegression


def _estimator(compress: Any = 0) -> bytes:
    out = io.BytesIO()
    joblib.dump(LogisticRegression().fit(np.eye(4), [0, 1, 2, 0]), out, compress=compress)
    return out.getvalue()


def _booster(form: str) -> bytes:
    return bytes(xgboost.train({}, xgboost.DMatrix(np.eye(3), np.arange(3)), 2).save_raw(form))


def _hdf5() -> bytes:
    return b"\x89HDF\r\n\x1a\n" + bytes(64) + b"keras_version" + bytes(64)


_PARAMETERS = struct.pack("<fIiiiII", 0.5, 4, 3, 0, 0, 2, 1).ljust(136, b"\0")
_NAMES = b"".join(struct.pack("<Q", len(name)) + name for name in (b"multi:softprob", b"gbtree"))

MODELS = {
    "a.joblib": _estimator(),
    "zlib.joblib": _estimator(3),
    "bz2.joblib": _estimator(("bz2", 3)),
    "xz.joblib": _estimator(("xz", 3)),
    "a.pkl": pickle.dumps(LogisticRegression().fit(np.eye(4), [0, 1, 2, 0])),
    "old.pkl": pickle.dumps({"a": [1, 2.5, None, "b"], "c": {1, 2}}, 0),
    "a.onnx": making.onnx(),
    "saved_model.pb": making.saved_model(),
    "a.safetensors": making.safetensors(),
    "a.json": _booster("json"),
    "a.ubj": _booster("ubj"),
    "binary.bst": _PARAMETERS + _NAMES + bytes(100),
    "text.bst": making.LIGHTGBM.encode(),
    "a.keras": making.keras(),
    "a.h5": _hdf5(),
    "a.pt": making.torch(),
    "script.pt": making.torch(script=True),
    "old.pt": making.old_torch(),
}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as made:
        yield Path(made).resolve()


@pytest.fixture(autouse=True)
def without_h5py(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that reads HDF5 is not started for each example: what it cannot read it says nothing of."""
    monkeypatch.setattr(keras, "_attributes", lambda _: None)


def looked_at(folder: Path, name: str, content: bytes) -> Found | None:
    """What is told, or ``None`` after an error in words. Anything else that is raised fails the test."""
    (folder / name).write_bytes(content)
    try:
        return detect(look(folder / name, folder, name))
    except KubeflowError as error:
        if not error.message.startswith(name) or error.status != 422:
            raise AssertionError(error.message) from error
        return None


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """The content with bits flipped, parts cut out, or cut off."""
    made = bytearray(content)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(made) - 1))
        made[at] ^= 1 << draw(st.integers(0, 7))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(made)))
        made[at : at + draw(st.integers(0, 8))] = draw(st.binary(max_size=9))
    return bytes(made[: draw(st.integers(0, len(made)))] if draw(st.booleans()) else made)


QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("name", MODELS)
def test_each_is_known_when_it_is_whole(folder: Path, name: str) -> None:
    found = looked_at(folder, name, MODELS[name])
    assert found is not None
    assert found.encoding != "unknown"


@QUICK
@given(st.data())
@pytest.mark.parametrize("name", MODELS)
def test_damaged_models(folder: Path, name: str, data: st.DataObject) -> None:
    looked_at(folder, name, data.draw(damaged(MODELS[name])))


@QUICK
@given(st.sampled_from([*MODELS, "noname"]), st.binary(max_size=200))
def test_any_bytes(folder: Path, name: str, content: bytes) -> None:
    looked_at(folder, name, content)


@QUICK
@given(
    st.sampled_from(["config.json", "metadata.json"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "class_name",
                        "config",
                        "layers",
                        "batch_shape",
                        "output_layers",
                        "keras_version",
                        "dtype",
                        "name",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=25,
    ),
)
def test_any_configuration_of_keras(folder: Path, member: str, value: Any) -> None:
    import json

    members: dict[str, bytes | str] = {"config.json": "{}", "metadata.json": "{}"}
    members[member] = json.dumps(value)
    looked_at(folder, "a.keras", making.archive(members))


@QUICK
@given(
    st.dictionaries(
        st.sampled_from(
            ["model_type", "architectures", "transformers_version", "torch_dtype", "auto_map"]
        ),
        st.none()
        | st.integers()
        | st.text(max_size=5)
        | st.lists(st.integers() | st.text(max_size=4)),
    )
)
def test_any_configuration_of_the_hub(folder: Path, config: dict[str, Any]) -> None:
    import json

    hub = folder / "hub"
    hub.mkdir(exist_ok=True)
    (hub / "config.json").write_text(json.dumps(config))
    detect(look(hub, folder, "hub"))


@pytest.mark.parametrize(
    "fields",
    [
        b"\x8c\x05dtype\x8c\x05numpy\x8c\x05dtype\x93\x8c\x05shapeK\x03\x85",  # the class dtype itself
        b"\x8c\x05dtype\x8c\x05numpy\x8c\x05dtype\x93)R\x8c\x05shapeK\x03\x85",  # made of nothing
        b"\x8c\x05shapeK\x03\x85",
    ],
)
def test_an_array_without_a_type_is_named_as_damage(folder: Path, fields: bytes) -> None:
    wrapper = b"\x8c\x13joblib.numpy_pickle\x8c\x11NumpyArrayWrapper\x93)\x81"
    content = b"\x80\x04" + wrapper + b"}(" + fields + b"ub."
    assert looked_at(folder, "a.joblib", content) is None


def test_a_packed_bomb_is_not_unpacked_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import zlib

    monkeypatch.setattr(reading, "UNPACKED_BYTES", 1024 * 1024)
    bomb = zlib.compress(
        b"\x80\x04B" + struct.pack("<I", 64 * 1024 * 1024) + bytes(64 * 1024 * 1024) + b".", 9
    )
    found = looked_at(folder, "bomb.joblib", bomb)
    assert found
    assert "first part" in found.notes[-1]


def test_a_bomb_in_an_archive_is_not_unpacked_whole(folder: Path) -> None:
    members: dict[str, bytes | str] = {
        "metadata.json": "{}",
        "config.json": b" " * (reading.JSON_BYTES + 1),
    }
    (folder / "b.keras").write_bytes(making.archive(members))
    with pytest.raises(KubeflowError, match=r"config\.json in it, which is too long"):
        detect(look(folder / "b.keras", folder, "b.keras"))


def test_an_archive_whose_contents_would_fill_the_memory_is_refused(folder: Path) -> None:
    made = bytearray(making.keras())
    at = made.rfind(b"PK\x05\x06")
    made[at + 12 : at + 16] = struct.pack("<I", 1 << 30)
    assert looked_at(folder, "c.keras", bytes(made)) is None


def test_an_archive_with_a_password_is_refused(folder: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("metadata.json", "{}")
        made.writestr("config.json", "{}")
    content = bytearray(out.getvalue())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        content[at + flags] |= 1
    assert looked_at(folder, "d.keras", bytes(content)) is None


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b"{" + b"[" * 200_000,
        b'{"learner":' + b"[" * 100_000,
        b"{L" + bytes(7) + b"\x07learner" + b"[" * 1000,
        b"\x80\x04" + b"(" * 100_000 + b".",
        b"\x80\x04" + b"]" * 1000 + b"a" * 2000 + b".",
        struct.pack("<Q", 60_000) + b"{" + b'"a":[' * 11_999 + b"    ",
    ],
    ids=range(7),
)
def test_deep_nesting(folder: Path, content: bytes) -> None:
    for name in ("deep", "deep.pkl", "deep.json", "deep.safetensors", "deep.ubj"):
        looked_at(folder, name, content)


def test_a_long_pickle_is_looked_at_in_part(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyterlab_kubeflow.models.pickles._NAMES", 3)
    content = b"\x80\x02" + b"".join(f"cnumpy\nf{n}\n0".encode() for n in range(10)) + b"N."
    found = looked_at(folder, "long.pkl", content)
    assert found
    assert "first part" in found.notes[-1]
    assert found.unsafe
    assert len(found.unsafe.names) == 3


def test_names_are_shown_in_part_and_counted(folder: Path) -> None:
    content = b"\x80\x02" + b"".join(f"cnumpy\nf{n}\n0".encode() for n in range(80)) + b"N."
    found = looked_at(folder, "many.pkl", content)
    assert found
    assert found.unsafe
    assert found.unsafe.names[-1] == f"and {80 - estimators._SHOWN} more"
