"""Pickled models: joblib, pickle. What the opcodes name decides; a pickle is never loaded."""

from __future__ import annotations

from typing import Any

from .found import Broken, Found, Signature, Tensor, Unsafe, major
from .pickles import Made, Name, Pickle, scan
from .reading import Reader, unpacked

PICKLE_ENDINGS = (".joblib", ".pkl", ".pickle")

_SUSPICIOUS = {
    *(
        "os",
        "nt",
        "posix",
        "subprocess",
        "sys",
        "socket",
        "shutil",
        "importlib",
        "runpy",
        "pty",
        "ctypes",
    ),
    *(
        "code",
        "codeop",
        "webbrowser",
        "multiprocessing",
        "http",
        "urllib",
        "requests",
        "asyncio",
        "pip",
    ),
}
_BUILTINS = {"eval", "exec", "compile", "open", "__import__"}
_FRAMEWORKS = {
    "sklearn": "scikit-learn",
    "xgboost": "XGBoost",
    "lightgbm": "LightGBM",
    "catboost": "CatBoost",
    "torch": "PyTorch",
    "keras": "Keras",
    "tensorflow": "TensorFlow",
    "statsmodels": "statsmodels",
}
_BETTER = {
    "XGBoost": "with save_model as .ubj or .json",
    "LightGBM": "with booster_.save_model as text",
    "CatBoost": "with save_model",
    "PyTorch": "with torch.save of the state_dict, or as safetensors",
    "Keras": "with save as .keras",
    "TensorFlow": "as a SavedModel",
}
_SHOWN = 50


def looks_like_pickle(reader: Reader, name: str) -> bool:
    """Whether a file says by its first bytes, or by the ending of its name, that it is a pickle."""
    head = reader.peek(2)
    packed = unpacked(reader)
    try:
        head = packed.take(2) if packed else head
    except Broken:
        return name.endswith(PICKLE_ENDINGS)
    finally:
        reader.go(0)
    if head[:1] == b"\x80" and head[1:] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return True
    return name.endswith(PICKLE_ENDINGS)


def read_pickle(reader: Reader, name: str) -> Found:
    """What a file of joblib or pickle tells."""
    packed = unpacked(reader)
    found = scan(packed or reader)
    joblib = found.wrapped_arrays or packed is not None or name.endswith(".joblib")
    return described(found, "joblib" if joblib else "pickle")


def described(found: Pickle, encoding: str) -> Found:
    """The model that a pickle would make."""
    made = found.top.by if isinstance(found.top, Made) else None
    top = made if isinstance(made, Name) else None
    framework = _FRAMEWORKS.get(top.module.split(".")[0]) if top else None
    sklearn = framework == "scikit-learn" or (framework is None and bool(found.sklearn_version))
    result = Found(encoding, unsafe=unsafe(found))
    if sklearn:
        result.format = "sklearn"
        result.version = major(found.sklearn_version) or "1"
        result.framework, result.framework_version = "scikit-learn", found.sklearn_version
        result.signature = _signature(found.top)
    elif framework:
        result.framework = framework
        result.notes.append(
            f"KServe has no server for a pickle of {framework}. Save the model {_BETTER.get(framework, 'in a format of its own')}."
            if framework in _BETTER
            else f"KServe has no server for a pickle of {framework}."
        )
    if top:
        result.details["class"] = str(top)
    own = [str(each) for each in found.names if each.module.split(".")[0] == "__main__"]
    if own:
        result.notes.append(
            f"It needs {', '.join(own[:5])}, which were defined in a notebook or script: loading it elsewhere fails. Move them to a module that is installed there."
        )
    if not found.whole:
        result.notes.append(
            "It is too long to be looked at as a whole: what is told here is of its first part."
        )
    return result


def unsafe(found: Pickle) -> Unsafe:
    """Why a pickle is unsafe, with what it refers to."""
    names = [str(each) for each in found.names]
    suspicious = [str(each) for each in found.names if _is_suspicious(each)]
    reason = "A pickle can run any code when it is loaded. Load it only if you trust where it comes from."
    if suspicious:
        reason = (
            f"Loading it calls {', '.join(suspicious[:5])}, which no model needs. Do not load it."
        )
    shown = (
        names[:_SHOWN]
        if len(names) <= _SHOWN
        else [*names[:_SHOWN], f"and {len(names) - _SHOWN} more"]
    )
    return Unsafe(reason, shown, suspicious[:_SHOWN])


def _is_suspicious(name: Name) -> bool:
    if name.module in ("builtins", "__builtin__"):
        return name.name in _BUILTINS
    return name.module.split(".")[0] in _SUSPICIOUS or name.module == "?" or name.name == "?"


def _signature(top: Any) -> Signature | None:
    """What a fitted estimator has noted of its input; a pipeline's is that of its first step."""
    for _ in range(10):
        state = top.state if isinstance(top, Made) and isinstance(top.state, dict) else {}
        count = state.get("n_features_in_")
        if isinstance(count, int) and not isinstance(count, bool):
            names = _texts(state.get("feature_names_in_"))
            return Signature(
                [Tensor("X", None, [None, count])], [], names if len(names) == count else []
            )
        inner = state.get("steps") or state.get("best_estimator_") or state.get("estimator")
        if isinstance(inner, list) and inner and isinstance(inner[0], tuple) and len(inner[0]) > 1:
            top = inner[0][1]
        elif isinstance(inner, Made):
            top = inner
        else:
            return None
    return None


def _texts(array: Any) -> list[str]:
    """The texts in a pickled array of objects."""
    state = array.state if isinstance(array, Made) else None
    items = state[4] if isinstance(state, tuple) and len(state) > 4 else None
    return items if isinstance(items, list) and all(isinstance(each, str) for each in items) else []
