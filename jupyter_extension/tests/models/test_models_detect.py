"""What formats tell of models, without loading one."""

from __future__ import annotations

import json
import os
import pickle
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import making
import numpy as np
import pytest
import xgboost
from jupyterlab_kubeflow.errors import KubeflowError
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

Told = Callable[..., Any]
FEATURES = ["sepal length", "sepal width", "petal length", "petal width"]


class Mine:
    """A class of a script, as far as pickle is concerned."""


class Trap:
    """Runs a command when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (os.system, (f"touch {self.path}",))


@pytest.fixture(scope="module")
def estimator() -> Any:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(np.random.default_rng(1).normal(size=(60, 4)), columns=FEATURES)
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(table, np.arange(60) % 3)


@pytest.mark.parametrize(
    "compress", [0, 3, ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3)], ids=str
)
def test_joblib(told: Told, tmp_path: Path, estimator: Any, compress: Any) -> None:
    joblib.dump(estimator, tmp_path / "iris.joblib", compress=compress)
    found = told("iris.joblib")
    import sklearn

    assert found["format"] == {"name": "sklearn", "version": sklearn.__version__.split(".")[0]}
    assert found["framework"] == {"name": "scikit-learn", "version": sklearn.__version__}
    assert found["encoding"] == "joblib"
    assert found["signature"] == {
        "inputs": [{"name": "X", "type": None, "shape": [None, 4]}],
        "outputs": [],
        "features": FEATURES,
    }
    assert "sklearn.preprocessing._data.StandardScaler" in found["unsafe"]["names"]
    assert found["unsafe"]["suspicious"] == []
    assert "only if you trust" in found["unsafe"]["reason"]
    assert found["details"] == {"class": "sklearn.pipeline.Pipeline"}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_of_every_protocol(told: Told, estimator: Any, protocol: int) -> None:
    found = told("iris.pkl", pickle.dumps(estimator, protocol))
    assert found["encoding"] == "pickle"
    assert found["format"]["name"] == "sklearn"
    assert found["signature"]["features"] == FEATURES


def test_arrays_between_the_opcodes_are_passed_over(told: Told, tmp_path: Path) -> None:
    forest = RandomForestClassifier(20, random_state=0).fit(np.eye(40), np.arange(40) % 4)
    joblib.dump(forest, tmp_path / "forest.joblib")
    assert told("forest.joblib")["signature"]["inputs"][0]["shape"] == [None, 40]


def test_a_pickle_is_never_loaded(told: Told, tmp_path: Path) -> None:
    for name, dump in (("trap.pkl", pickle.dump), ("trap.joblib", joblib.dump)):
        with (tmp_path / name).open("wb") as file:
            dump(Trap(tmp_path / "sprung"), file)
        found = told(name)
        assert found["unsafe"]["suspicious"] == [
            f"{os.name}.system" if os.name == "nt" else "posix.system"
        ]
        assert found["unsafe"]["reason"].startswith("Loading it calls posix.system")
        assert not (tmp_path / "sprung").exists()


def test_a_pickle_that_needs_the_notebook_says_so(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["__main__"], "Mine", Mine, raising=False)
    monkeypatch.setattr(Mine, "__module__", "__main__")
    found = told("mine.pkl", pickle.dumps(Mine()))
    assert any("__main__.Mine" in note for note in found["notes"])
    assert found["format"] is None


def test_a_pickle_of_a_framework_with_a_better_format(told: Told) -> None:
    model = xgboost.XGBRegressor(n_estimators=1).fit(np.eye(3), np.arange(3))
    found = told("booster.pkl", pickle.dumps(model))
    assert found["framework"]["name"] == "XGBoost"
    assert found["format"] is None
    assert "save_model" in found["notes"][0]


@pytest.mark.parametrize("ending", ["json", "ubj"])
def test_xgboost(told: Told, tmp_path: Path, ending: str) -> None:
    data = xgboost.DMatrix(np.eye(4), np.arange(4) % 3, feature_names=["a", "b", "c", "d"])
    xgboost.train({"objective": "multi:softprob", "num_class": 3}, data, 3).save_model(
        tmp_path / f"x.{ending}"
    )
    found = told(f"x.{ending}")
    version = ".".join(xgboost.__version__.split(".")[:3])
    assert found["framework"] == {"name": "XGBoost", "version": version}
    assert found["format"] == {"name": "xgboost", "version": version.split(".")[0]}
    assert found["encoding"] == f"xgboost-{ending}"
    assert found["signature"]["features"] == ["a", "b", "c", "d"]
    assert found["signature"]["inputs"] == [{"name": "data", "type": "FP32", "shape": [None, 4]}]
    assert found["details"] == {"classes": 3, "objective": "multi:softprob", "booster": "gbtree"}
    assert found["unsafe"] is None


def test_a_long_xgboost_json_is_read_at_its_ends(
    told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = xgboost.DMatrix(np.eye(4), np.arange(4), feature_names=["a", "b", "c", "d"])
    xgboost.train({}, data, 50).save_model(tmp_path / "x.json")
    whole = told("x.json")
    monkeypatch.setattr("jupyterlab_kubeflow.models.xgboost.JSON_BYTES", 100)
    del whole["details"]["booster"]
    assert told("x.json") == whole


def test_xgboost_binary(told: Told) -> None:
    parameters = struct.pack("<fIiiiII", 0.5, 4, 3, 0, 0, 2, 1).ljust(136, b"\0")
    names = b"".join(struct.pack("<Q", len(name)) + name for name in (b"multi:softprob", b"gbtree"))
    for start in (b"", b"binf"):
        found = told("x.bst", start + parameters + names + bytes(200))
        assert found["framework"] == {"name": "XGBoost", "version": "2.1"}
        assert found["signature"]["inputs"][0]["shape"] == [None, 4]
        assert "3.1" in found["notes"][0]


def test_lightgbm(told: Told) -> None:
    for text in (making.LIGHTGBM, making.LIGHTGBM.replace("\n", "\r\n")):
        found = told("model.bst", text)
        assert found["format"] == {"name": "lightgbm", "version": "4"}
        assert found["signature"]["features"] == ["sl", "sw", "pl", "pw"]
        assert found["signature"]["inputs"] == [
            {"name": "data", "type": "FP64", "shape": [None, 4]}
        ]
        assert found["details"] == {"objective": "multiclass num_class:3", "classes": 3}


def test_onnx(told: Told) -> None:
    for name in ("net.onnx", "without-an-ending"):
        found = told(name, making.onnx())
        assert found["format"] == {"name": "onnx", "version": "1"}
        assert found["framework"] == {"name": "pytorch", "version": "2.5.1"}
        assert found["signature"] == {
            "inputs": [{"name": "x", "type": "FP32", "shape": ["batch", 4]}],
            "outputs": [{"name": "y", "type": "INT64", "shape": ["batch", 3]}],
            "features": [],
        }
        assert found["details"] == {"ir_version": 8, "opset": "17, ai.onnx.ml 3", "nodes": 1}
        assert found["notes"] == []


def test_onnx_with_weights_in_other_files(told: Told) -> None:
    assert "other files" in told("net.onnx", making.onnx(outside=True))["notes"][0]


def test_saved_model(told: Told, tmp_path: Path) -> None:
    (tmp_path / "flowers" / "variables").mkdir(parents=True)
    (tmp_path / "flowers" / "variables" / "variables.index").write_bytes(b"x")
    found = told("flowers/saved_model.pb", making.saved_model())
    assert found == told("flowers")
    assert found["format"] == {"name": "tensorflow", "version": "2"}
    assert found["framework"] == {"name": "TensorFlow", "version": "2.16.1"}
    assert found["signature"] == {
        "inputs": [{"name": "flowers", "type": "FP32", "shape": [None, 4]}],
        "outputs": [{"name": "kinds", "type": "INT64", "shape": [None, 3]}],
        "features": [],
    }


def test_safetensors(told: Told) -> None:
    found = told("model.safetensors", making.safetensors())
    assert found["format"]["name"] == "safetensors"
    assert found["framework"]["name"] == "PyTorch"
    assert found["details"] == {"tensors": 2, "parameters": 17, "types": "F16, F32"}
    assert found["signature"] is None


def test_keras(told: Told) -> None:
    found = told("flowers.keras", making.keras())
    assert found["format"] == {"name": "keras", "version": "3"}
    assert found["framework"] == {"name": "Keras", "version": "3.5.0"}
    assert found["signature"] == {
        "inputs": [{"name": "flowers", "type": "FP32", "shape": [None, 4]}],
        "outputs": [{"name": "kinds", "type": None, "shape": None}],
        "features": [],
    }
    assert found["unsafe"] is None


def test_keras_with_a_layer_of_code(told: Told) -> None:
    assert "Lambda" in told("flowers.keras", making.keras(code=True))["unsafe"]["reason"]


def test_hdf5_is_known_without_its_package(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyterlab_kubeflow.models.keras._attributes", lambda _: None)
    found = told("flowers.h5", b"\x89HDF\r\n\x1a\n" + bytes(100) + b"keras_version" + bytes(100))
    assert found["format"]["name"] == "keras"
    assert "pip install h5py" in found["notes"][0]
    assert told("table.h5", b"\x89HDF\r\n\x1a\n" + bytes(100))["format"] is None


def test_hdf5(told: Told, tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    layer = {
        "class_name": "InputLayer",
        "config": {"batch_input_shape": [None, 4], "dtype": "float32", "name": "in"},
    }
    with h5py.File(tmp_path / "flowers.h5", "w") as file:
        file.attrs["keras_version"] = "2.15.0"
        file.attrs["model_config"] = json.dumps(
            {"class_name": "Sequential", "config": {"layers": [layer]}}
        )
    found = told("flowers.h5")
    assert found["framework"] == {"name": "Keras", "version": "2.15.0"}
    assert found["signature"]["inputs"] == [{"name": "in", "type": "FP32", "shape": [None, 4]}]


def test_torchscript_runs_no_python(told: Told) -> None:
    found = told("net.pt", making.torch(script=True))
    assert found["encoding"] == "torchscript"
    assert found["format"] == {"name": "pytorch", "version": "1"}
    assert found["details"] == {"class": "Net"}
    assert found["unsafe"] is None


@pytest.mark.parametrize("content", [making.torch(), making.old_torch()], ids=["zip", "before 1.6"])
def test_torch_weights(told: Told, content: bytes) -> None:
    found = told("weights.pt", content)
    assert found["encoding"] == "torch"
    assert found["details"] == {"content": "state_dict"}
    assert "weights_only=True" in found["notes"][0]
    assert found["unsafe"] is None


def test_torch_with_more_than_weights(told: Told, tmp_path: Path) -> None:
    found = told("model.pt", making.torch(data=pickle.dumps(Trap(tmp_path / "sprung"), 2)))
    assert found["unsafe"]["suspicious"] == ["posix.system"]
    assert not (tmp_path / "sprung").exists()


CONFIG = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "transformers_version": "4.46.0",
    "torch_dtype": "bfloat16",
}


def test_hub_folder(told: Told, tmp_path: Path) -> None:
    making.hub(tmp_path / "llama", config__json=CONFIG, model__safetensors=making.safetensors())
    found = told("llama")
    assert found["format"] == {"name": "huggingface", "version": "1"}
    assert found["framework"] == {"name": "transformers", "version": "4.46.0"}
    assert found["details"] == {
        "model_type": "llama",
        "architectures": "LlamaForCausalLM",
        "types": "bfloat16",
    }
    assert found["unsafe"] is None
    assert found["notes"] == []


@pytest.mark.parametrize(
    ("files", "word"),
    [
        (
            {"config__json": {**CONFIG, "auto_map": {}}, "model__safetensors": b"x"},
            "trust_remote_code",
        ),
        ({"config__json": CONFIG, "pytorch_model__bin": b"x"}, "pytorch_model.bin"),
    ],
)
def test_hub_folder_that_runs_code(
    told: Told, tmp_path: Path, files: dict[str, Any], word: str
) -> None:
    making.hub(tmp_path / "llama", **files)
    assert word in told("llama")["unsafe"]["reason"]


def test_adapters_and_diffusers(told: Told, tmp_path: Path) -> None:
    making.hub(
        tmp_path / "adapter",
        adapter_config__json={"peft_type": "LORA", "base_model_name_or_path": "a/b"},
    )
    assert told("adapter")["details"] == {"adapter": "LORA", "base_model": "a/b"}
    assert told("adapter")["notes"] == ["It has no weights in it."]
    making.hub(
        tmp_path / "pictures",
        model_index__json={
            "_class_name": "StableDiffusionPipeline",
            "_diffusers_version": "0.31.0",
        },
    )
    assert told("pictures")["framework"] == {"name": "diffusers", "version": "0.31.0"}


def test_the_one_model_in_a_folder(told: Told, tmp_path: Path) -> None:
    making.hub(
        tmp_path / "served",
        README__md=b"# A model",
        config__json={"own": 1},
        net__onnx=making.onnx(),
    )
    found = told("served")
    assert found["format"]["name"] == "onnx"
    assert found["details"]["file"] == "net.onnx"
    (tmp_path / "served" / "tree.bst").write_text(making.LIGHTGBM)
    assert "more than one model" in told("served")["notes"][-1]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", "Hello"),
        ("table.csv.gz", b"\x1f\x8b"),
        ("data.zip", making.archive({"a.csv": "1,2"})),
        ("thing.json", '{"a": 1}'),
        ("tokenizer.json", '{"version": "1.0", "truncation": null}'),
        ("survey.sav", b"$FL2@(#) SPSS DATA FILE"),
    ],
)
def test_what_is_no_model_is_told_nothing_of(told: Told, name: str, content: bytes) -> None:
    assert told(name, content) is None


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.onnx", b"", "empty.onnx is empty"),
        ("half.onnx", making.onnx()[:-40], "half.onnx"),
        ("text.onnx", b"hello", "text.onnx"),
        ("half.safetensors", making.safetensors()[:-3], "ends too early"),
        ("long.safetensors", making.safetensors() + b"x", "longer than its header"),
        ("head.safetensors", making.safetensors()[:40], "header is cut off"),
        ("text.safetensors", b"hello", "text.safetensors is no safetensors file"),
        ("half.pkl", pickle.dumps(list(range(100)))[:-5], "half.pkl"),
        ("text.pkl", b"hello", "text.pkl"),
        ("half.bst", making.LIGHTGBM[:200], "ends too early"),
        ("half.keras", making.keras()[:300], "half.keras"),
        ("other.keras", making.archive({"a": "b"}), "no Keras model"),
        ("cut.json", b'{"learner": {"a"', "cut.json"),
        ("half.pt", making.torch()[:200], "half.pt"),
    ],
)
def test_a_damaged_file_is_named(told: Told, name: str, content: bytes, words: str) -> None:
    with pytest.raises(KubeflowError, match=words) as caught:
        told(name, content)
    assert caught.value.status == 422
    assert caught.value.message.startswith(name)
    assert caught.value.details == {"field": "path"}


def test_a_damaged_file_in_a_folder_is_named(told: Told, tmp_path: Path) -> None:
    making.hub(tmp_path / "llama", config__json=b'{"model_type":')
    with pytest.raises(KubeflowError, match=r"llama has a config\.json that is not JSON"):
        told("llama")
