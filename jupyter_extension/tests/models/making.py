"""Writers of small models in formats whose own packages are not installed for tests."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any


def varint(value: int) -> bytes:
    """A number of protocol buffers."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number: int, value: int | str | bytes) -> bytes:
    """A field of a message: a number, a text, or the bytes of a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def _onnx_value(name: str, kind: int, shape: list[int | str]) -> bytes:
    dims = b"".join(field(1, field(1, d) if isinstance(d, int) else field(2, d)) for d in shape)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, dims)))


def onnx(outside: bool = False) -> bytes:
    """``y = x · w`` with a free batch, as of torch.onnx."""
    weights = field(8, "w") + field(9, bytes(48)) + (field(14, 1) if outside else b"")
    graph = (
        field(1, field(1, "x") + field(1, "w") + field(2, "y") + field(4, "MatMul"))
        + field(2, "g")
        + field(5, weights)
        + field(11, _onnx_value("x", 1, ["batch", 4]))
        + field(11, _onnx_value("w", 1, [4, 3]))
        + field(12, _onnx_value("y", 7, ["batch", 3]))
    )
    return (
        field(1, 8)
        + field(2, "pytorch")
        + field(3, "2.5.1")
        + field(7, graph)
        + field(8, field(1, "") + field(2, 17))
        + field(8, field(1, "ai.onnx.ml") + field(2, 3))
    )


def saved_model() -> bytes:
    """A ``saved_model.pb`` of TensorFlow with the signature ``serving_default``."""

    def tensor(name: str, kind: int, shape: list[int]) -> bytes:
        dims = b"".join(field(2, field(1, d)) for d in shape)
        return field(1, f"{name}:0") + field(2, kind) + field(3, dims)

    signature = field(1, field(1, "flowers") + field(2, tensor("in", 1, [-1, 4]))) + field(
        2, field(1, "kinds") + field(2, tensor("out", 9, [-1, 3]))
    )
    meta = field(1, field(4, "serve") + field(5, "2.16.1"))
    init = field(5, field(1, "__saved_model_init_op") + field(2, b""))
    return field(1, 1) + field(
        2, meta + init + field(5, field(1, "serving_default") + field(2, signature))
    )


def safetensors(header: dict[str, Any] | None = None, data: bytes = bytes(58)) -> bytes:
    """Two tensors of 17 parameters, or what is given."""
    told = json.dumps(
        header
        or {
            "__metadata__": {"format": "pt"},
            "a": {"dtype": "F32", "shape": [3, 4], "data_offsets": [0, 48]},
            "b": {"dtype": "F16", "shape": [5], "data_offsets": [48, 58]},
        }
    ).encode()
    return struct.pack("<Q", len(told)) + told + data


LIGHTGBM = """tree
version=v4
num_class=3
num_tree_per_iteration=3
label_index=0
max_feature_idx=3
objective=multiclass num_class:3
feature_names=sl sw pl pw
feature_infos=[4.3:7.9] [2:4.4] [1:6.9] [0.1:2.5]
tree_sizes=100

Tree=0
num_leaves=1
leaf_value=0


end of trees

feature_importances:

parameters:
[boosting: gbdt]
end of parameters

pandas_categorical:[]
"""


def archive(members: dict[str, bytes | str]) -> bytes:
    """A ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def keras(code: bool = False) -> bytes:
    """A ``.keras`` file with four inputs and three outputs, with a layer of code if asked for."""
    layers: list[dict[str, Any]] = [
        {
            "class_name": "InputLayer",
            "config": {"batch_shape": [None, 4], "dtype": "float32", "name": "flowers"},
        },
        {"class_name": "Dense", "config": {"name": "kinds", "units": 3}},
    ]
    if code:
        layers.append(
            {"class_name": "Lambda", "config": {"function": {"class_name": "__lambda__"}}}
        )
    config = {
        "class_name": "Functional",
        "config": {"layers": layers, "output_layers": [["kinds", 0, 0]]},
    }
    return archive(
        {
            "metadata.json": json.dumps({"keras_version": "3.5.0"}),
            "config.json": json.dumps(config),
            "model.weights.h5": b"\x89HDF\r\n\x1a\n",
        }
    )


def _global(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def state_dict() -> bytes:
    """The pickle of ``OrderedDict(weight=tensor)`` as ``torch.save`` writes it."""
    tensor = _global("torch._utils", "_rebuild_tensor_v2") + (
        b"((X\x07\x00\x00\x00storage"
        + _global("torch", "FloatStorage")
        + b"X\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06tQ"
        b"K\x00K\x02K\x03\x86K\x03K\x01\x86\x89" + _global("collections", "OrderedDict") + b")RtR"
    )
    return (
        b"\x80\x02"
        + _global("collections", "OrderedDict")
        + b")R(X\x06\x00\x00\x00weight"
        + tensor
        + b"u."
    )


def torch(script: bool = False, data: bytes | None = None) -> bytes:
    """What ``torch.save``, or ``torch.jit.save``, writes."""
    members: dict[str, bytes | str] = {
        "net/data.pkl": data or state_dict(),
        "net/version": "3\n",
        "net/data/0": bytes(24),
    }
    if script:
        members["net/data.pkl"] = (
            b"\x80\x02" + _global("__torch__", "Net") + b")\x81}(X\x08\x00\x00\x00training\x89ub."
        )
        members["net/constants.pkl"] = b"\x80\x02)."
        members["net/code/__torch__.py"] = "class Net(Module):\n  pass\n"
    return archive(members)


def old_torch() -> bytes:
    """What ``torch.save`` wrote before 1.6."""
    numbers = (
        pickle.dumps(0x1950A86A20F9469CFC6C, 2)
        + pickle.dumps(1001, 2)
        + pickle.dumps({"little_endian": True}, 2)
    )
    return numbers + state_dict() + pickle.dumps([], 2)


def hub(folder: Path, **files: Any) -> Path:
    """A folder of the Hugging Face hub; of ``files``, names have ``__`` in place of a dot and values are JSON or bytes."""
    folder.mkdir()
    for name, content in files.items():
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        (folder / name.replace("__", ".")).write_bytes(data)
    return folder
