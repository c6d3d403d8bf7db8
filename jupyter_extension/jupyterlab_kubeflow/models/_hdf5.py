"""Run by its path: prints the attributes of an HDF5 file's root as a JSON object of texts."""

from __future__ import annotations

import importlib
import json
import sys


def main() -> None:
    h5py = importlib.import_module("h5py")
    told = {}
    with h5py.File(sys.argv[1], "r") as file:
        for name in ("keras_version", "backend", "model_config", "layer_names"):
            if name in file.attrs:
                value = file.attrs[name] if name != "layer_names" else ""
                told[name] = (
                    value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                )
    print(json.dumps(told))


if __name__ == "__main__":
    main()
