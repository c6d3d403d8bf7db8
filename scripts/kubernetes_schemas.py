"""Writes ``local/kubernetes/resources.json.gz``: what Local Kubeflow's Kubernetes API knows of each kind.

    python scripts/kubernetes_schemas.py CONTRACTS

``CONTRACTS`` is a folder with the components' CRDs (``*.crd.yaml``). Kubernetes' own kinds come from the OpenAPI documents in the Go module
``k8s.io/kubernetes``, JobSet from its Go module, Katib (whose CRDs have no schema) from ``kubeflow_katib_api``. Descriptions are left out;
parts that occur more than once are written once, under ``definitions``. The same input gives the same file, byte by byte.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.metadata
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "jupyter_extension/jupyterlab_kubeflow/local/kubernetes/resources.json.gz"
SERVERS = ROOT / "ui-tests/cluster/servers"

# file, group, version, kind, plural, short names, namespaced, status subresource, categories
BUILT_IN: list[tuple[str, str, str, str, str, list[str], bool, bool, list[str]]] = [
    ("api__v1", "", "v1", "ConfigMap", "configmaps", ["cm"], True, False, []),
    ("api__v1", "", "v1", "Event", "events", ["ev"], True, False, []),
    ("api__v1", "", "v1", "Namespace", "namespaces", ["ns"], False, True, []),
    (
        "api__v1",
        "",
        "v1",
        "PersistentVolumeClaim",
        "persistentvolumeclaims",
        ["pvc"],
        True,
        True,
        [],
    ),
    ("api__v1", "", "v1", "Pod", "pods", ["po"], True, True, ["all"]),
    ("api__v1", "", "v1", "Secret", "secrets", [], True, False, []),
    ("api__v1", "", "v1", "ServiceAccount", "serviceaccounts", ["sa"], True, False, []),
    ("api__v1", "", "v1", "Service", "services", ["svc"], True, True, ["all"]),
    ("apis__apps__v1", "apps", "v1", "Deployment", "deployments", ["deploy"], True, True, ["all"]),
    ("apis__batch__v1", "batch", "v1", "Job", "jobs", [], True, True, ["all"]),
    ("apis__events.k8s.io__v1", "events.k8s.io", "v1", "Event", "events", ["ev"], True, False, []),
]
SCALE = {
    "Deployment": {
        "specReplicasPath": ".spec.replicas",
        "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".spec.selector",
    }
}
"""Kubernetes' own kinds with a scale subresource, in the words of CRDs."""
KEPT = [
    "type",
    "format",
    "enum",
    "required",
    "default",
    "nullable",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
]


def main(contracts: Path) -> None:
    """Reads all sources and writes the file."""
    kinds: list[dict[str, Any]] = []
    definitions: dict[str, Any] = {}
    kubernetes = module_folder("kubernetes", "k8s.io/kubernetes")
    for row in BUILT_IN:
        kinds.append(built_in(kubernetes, row, definitions))
    for name in ("DeleteOptions", "Status"):
        take(
            f"io.k8s.apimachinery.pkg.apis.meta.v1.{name}",
            document(kubernetes, "api__v1"),
            definitions,
        )
    for file in sorted(contracts.rglob("*.crd.yaml")):
        kinds += custom(file, file.relative_to(contracts).as_posix())
    jobset = module_folder("jobset", "sigs.k8s.io/jobset")
    kinds += custom(
        jobset / "config/components/crd/bases/jobset.x-k8s.io_jobsets.yaml",
        f"sigs.k8s.io/jobset {jobset.name.split('@')[1]}",
    )
    share([kind["schema"] for kind in kinds], definitions)
    body = {
        "kinds": kinds,
        "definitions": dict(sorted(definitions.items())),
        "messages": messages(kubernetes, kinds, definitions),
    }
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    with TARGET.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(text.encode())
    print(f"{TARGET}: {len(kinds)} kinds, {len(text)} characters, {TARGET.stat().st_size} bytes")


def module_folder(server: str, module: str) -> Path:
    """The folder of a Go module that a server of the test cluster is built from."""
    said = subprocess.run(
        ["go", "list", "-m", "-f", "{{.Dir}}", module],  # noqa: S607
        cwd=SERVERS / server,
        check=True,
        capture_output=True,
        text=True,
    )
    return Path(said.stdout.strip())


def document(kubernetes: Path, name: str) -> dict[str, Any]:
    """The schemas of one OpenAPI document of Kubernetes."""
    text = (kubernetes / f"api/openapi-spec/v3/{name}_openapi.json").read_text()
    return dict(json.loads(text)["components"]["schemas"])


def built_in(kubernetes: Path, row: tuple[Any, ...], definitions: dict[str, Any]) -> dict[str, Any]:
    """A kind of Kubernetes itself; the schemas that it uses are added to ``definitions``."""
    file, group, version, kind, plural, short, namespaced, status, categories = row
    schemas = document(kubernetes, file)
    made = {"group": group, "version": version, "kind": kind}
    (name,) = (
        name
        for name, schema in schemas.items()
        if made in schema.get("x-kubernetes-group-version-kind", [])
    )
    take(name, schemas, definitions)
    return {
        **made,
        "plural": plural,
        "singular": kind.lower(),
        "shortNames": short,
        "categories": categories,
        "namespaced": namespaced,
        "status": status,
        "scale": SCALE.get(kind),
        "storage": group != "events.k8s.io",
        "schema": {"$ref": name},
        "source": f"k8s.io/kubernetes {kubernetes.name.split('@')[1]}",
    }


def take(name: str, schemas: dict[str, Any], definitions: dict[str, Any]) -> None:
    """Adds a schema and those that it refers to."""
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = reduced(schemas[name])
        for other in references(definitions[name]):
            take(other, schemas, definitions)


def references(schema: Any) -> Iterator[str]:
    """The names that a reduced schema refers to."""
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for each in schema.values():
            yield from references(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from references(each)


def custom(file: Path, source: str) -> list[dict[str, Any]]:
    """The served versions of a CRD."""
    crd = yaml.load(file.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    spec, names = crd["spec"], crd["spec"]["names"]
    made = (crd["metadata"].get("annotations") or {}).get("controller-gen.kubebuilder.io/version")
    katib = spec["group"] == "kubeflow.org"
    return [
        {
            "group": spec["group"],
            "version": version["name"],
            "kind": names["kind"],
            "plural": names["plural"],
            "singular": names.get("singular", names["kind"].lower()),
            "shortNames": names.get("shortNames", []),
            "categories": names.get("categories", []),
            "namespaced": spec["scope"] == "Namespaced",
            "status": "status" in (version.get("subresources") or {}),
            "scale": (version.get("subresources") or {}).get("scale"),
            "storage": version["storage"],
            "columns": [
                {key: value for key, value in column.items() if key != "description"}
                for column in version.get("additionalPrinterColumns", [])
            ],
            "schema": katib_schema(names["kind"])
            if katib
            else reduced(version["schema"]["openAPIV3Schema"]),
            "source": f"kubeflow_katib_api {importlib.metadata.version('kubeflow_katib_api')}"
            if katib
            else f"{source}{f' (controller-gen {made})' if made else ''}",
        }
        for version in spec["versions"]
        if version["served"]
    ]


def katib_schema(kind: str) -> dict[str, Any]:
    """The schema of a Katib kind from its pydantic model. Unknown fields are kept, as the CRD keeps them."""
    from kubeflow_katib_api import models

    document = getattr(models, f"V1beta1{kind}").model_json_schema()

    def visit(schema: Any, above: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(schema, dict):
            return {"x-kubernetes-preserve-unknown-fields": True}
        if reference := schema.get("$ref"):
            name = reference.rpartition("/")[2]
            if name in above:
                return {"x-kubernetes-preserve-unknown-fields": True}
            return visit(document["$defs"][name], (*above, name))
        choices = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
        if {each.get("type") for each in choices} == {"number", "integer"}:
            return {"type": "number"}
        if choices:
            return (
                visit(choices[0], above)
                if len(choices) == 1
                else {"x-kubernetes-preserve-unknown-fields": True}
            )
        kept = {key: schema[key] for key in ("type", "enum", "required") if key in schema}
        if "properties" in schema:
            kept["properties"] = {
                name: visit(part, above) for name, part in schema["properties"].items()
            }
        if "items" in schema:
            kept["items"] = visit(schema["items"], above)
        more = schema.get("additionalProperties")
        if isinstance(more, dict):
            kept["additionalProperties"] = visit(more, above)
        elif kept.get("type", "object") == "object":
            kept["x-kubernetes-preserve-unknown-fields"] = True
        return kept

    schema = visit(document, ())
    schema["properties"]["metadata"] = {"type": "object"}
    return schema


_API = "io.k8s.api"
_META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_FIELD = re.compile(
    r"^  (?:(optional|repeated) )?(map<string, *([^>]+)>|[\w.]+) (\w+) = (\d+);", re.M
)


def messages(
    kubernetes: Path, kinds: list[dict[str, Any]], definitions: dict[str, Any]
) -> dict[str, dict[str, list[Any]]]:
    """How typed clients write Kubernetes' own kinds in protobuf: message → number → ``[name, type, form]``.

    Form is ``""``, ``repeated`` or ``map``; an empty name: the message's fields stand in the outer object.
    """
    reviews = ("authentication", "authorization")
    known = dict(definitions)
    for each in reviews:
        known |= document(kubernetes, f"apis__{each}.k8s.io__v1")
    found: dict[str, dict[str, list[Any]]] = {}
    api = module_folder("kubernetes", "k8s.io/api")
    machinery = module_folder("kubernetes", "k8s.io/apimachinery")
    files = [
        *(
            api / f"{each}/v1/generated.proto"
            for each in ("apps", *reviews, "batch", "core", "events")
        ),
        machinery / "pkg/apis/meta/v1/generated.proto",
        machinery / "pkg/runtime/generated.proto",
    ]
    parsed: dict[str, str] = {}
    for file in files:
        text = file.read_text()
        package = re.search(r"^package ([\w.]+);", text, re.M)
        assert package
        name = package[1].replace("k8s.io.", "io.k8s.", 1)
        for each in re.finditer(r"^message (\w+) \{\n(.*?)^\}", text, re.M | re.S):
            parsed[f"{name}.{each[1]}"] = each[2]
    scalars = {"string", "bool", "bytes", "int32", "int64", "double"}

    def add(name: str) -> None:
        if name in found or name not in parsed:
            return
        found[name] = {}
        properties = known.get(name, {}).get("properties")
        for form, whole, value, field, number in _FIELD.findall(parsed[name]):
            kind = value or whole
            if kind not in scalars:
                kind = kind.lstrip(".").replace("k8s.io.", "io.k8s.", 1)
                kind = kind if "." in kind else f"{name.rpartition('.')[0]}.{kind}"
                add(kind)
            inline = properties is not None and field not in properties and kind in parsed
            shape = "map" if value else "repeated" if form == "repeated" else ""
            found[name][number] = ["" if inline else field, kind, shape]

    for each in kinds:
        add(each["schema"].get("$ref", ""))
    for name in ("SelfSubjectAccessReview", "SelfSubjectRulesReview"):
        add(f"{_API}.authorization.v1.{name}")
    add(f"{_API}.authentication.v1.SelfSubjectReview")
    add(f"{_META}.DeleteOptions")
    return dict(sorted(found.items()))


def reduced(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without its prose, references by name."""
    if "allOf" in schema and len(schema["allOf"]) == 1 and "$ref" in schema["allOf"][0]:
        schema = {**schema, **schema["allOf"][0]}
        del schema["allOf"]
    kept: dict[str, Any] = {
        key: value
        for key, value in schema.items()
        if key in KEPT or (key.startswith("x-kubernetes-") and key != "x-kubernetes-validations")
    }
    if reference := schema.get("$ref"):
        kept["$ref"] = reference.rpartition("/")[2]
    if rules := schema.get("x-kubernetes-validations"):
        kept["x-kubernetes-validations"] = rules
    if "properties" in schema:
        kept["properties"] = {name: reduced(part) for name, part in schema["properties"].items()}
    for key in ("items", "additionalProperties", "not"):
        if key in schema:
            part = schema[key]
            kept[key] = reduced(part) if isinstance(part, dict) else part
    for key in ("allOf", "anyOf", "oneOf"):
        if key in schema:
            kept[key] = [reduced(part) for part in schema[key]]
    return kept


def share(schemas: list[dict[str, Any]], definitions: dict[str, Any]) -> None:
    """Moves the larger parts that occur more than once to ``definitions``."""
    count: Counter[str] = Counter()

    def text(schema: Any) -> str:
        return json.dumps(schema, separators=(",", ":"), sort_keys=True)

    def parts(schema: dict[str, Any]) -> Iterator[tuple[Any, Any, dict[str, Any]]]:
        """Where each part is, and the part: (container, key, part)."""
        for name, part in schema.get("properties", {}).items():
            yield schema["properties"], name, part
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                yield schema, key, schema[key]

    def tally(schema: dict[str, Any]) -> None:
        for _, _, part in parts(schema):
            written = text(part)
            if len(written) > 200:
                count[written] += 1
                if count[written] > 1:
                    continue
            tally(part)

    def move(schema: dict[str, Any]) -> None:
        for place, key, part in list(parts(schema)):
            written = text(part)
            if count[written] > 1:
                name = f"shared.{hashlib.sha256(written.encode()).hexdigest()[:12]}"
                if name not in definitions:
                    definitions[name] = part
                    move(part)
                place[key] = {"$ref": name}
            else:
                move(part)

    for schema in schemas:
        tally(schema)
    for schema in schemas:
        move(schema)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared/contracts")
