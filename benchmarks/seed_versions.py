"""Fills the Model Registry of a Local Kubeflow that is not running: ``seed_versions.py COUNT [MODELS]``, into ``KUBEFLOW_LOCAL_HOME``.

What a team has after years: COUNT versions of a hundred models, or of so many as are given, written as the server itself would have, each with four custom properties and
a model artifact, each tenth archived.
"""

from __future__ import annotations

import sys

from jupyterlab_kubeflow.local.paths import Home
from jupyterlab_kubeflow.local.registry import store
from jupyterlab_kubeflow.local.registry.app import MIGRATIONS
from jupyterlab_kubeflow.local.registry.bodies import read_new
from jupyterlab_kubeflow.local.registry.kinds import (
    MODEL_ARTIFACT,
    MODEL_VERSION,
    REGISTERED_MODEL,
)
from jupyterlab_kubeflow.local.store.database import Database

MODELS = 100 if len(sys.argv) < 3 else int(sys.argv[2])


def version(number: int, model: int) -> dict[str, object]:
    """The body to make a version."""
    return {
        "name": f"v{number:05}",
        "registeredModelId": str(model),
        "description": f"Trained on the data of week {number % 52}",
        "author": f"user-{number % 17}",
        "state": "LIVE" if number % 10 else "ARCHIVED",
        "customProperties": {
            "accuracy": {
                "metadataType": "MetadataDoubleValue",
                "double_value": number % 1000 / 1000,
            },
            "epochs": {"metadataType": "MetadataIntValue", "int_value": str(number % 50)},
            "framework": {
                "metadataType": "MetadataStringValue",
                "string_value": ("pytorch", "sklearn", "xgboost")[number % 3],
            },
            "reviewed": {"metadataType": "MetadataBoolValue", "bool_value": number % 2 == 0},
        },
    }


def main() -> None:
    home = Home.of(None)
    home.create()
    database = Database(home.registry, MIGRATIONS)
    database.migrate()
    with database.transaction() as connection:
        models = [
            store.create(
                connection,
                REGISTERED_MODEL,
                read_new(REGISTERED_MODEL, {"name": f"model-{number:03}"}),
            )["id"]
            for number in range(MODELS)
        ]
        for number in range(int(sys.argv[1])):
            body = version(number, models[number % MODELS])
            made = store.create(connection, MODEL_VERSION, read_new(MODEL_VERSION, body))
            artifact = {"name": "model", "uri": f"s3://models/{number}", "modelFormatName": "onnx"}
            given = read_new(MODEL_ARTIFACT, artifact, whole_object=True)
            store.put_artifact(connection, MODEL_ARTIFACT, given, MODEL_VERSION, made["id"])
    database.close()


if __name__ == "__main__":
    main()
