"""Bad requests end in KFP's error form, with a message that names what is wrong."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from jupyterlab_kubeflow.local.app import create_app
from jupyterlab_kubeflow.local.paths import Home
from jupyterlab_kubeflow.local.pipelines import runs, specs
from jupyterlab_kubeflow.local.store.database import Database
from starlette.testclient import TestClient

KFP_FILES = Path("/work/shared/pipelines")

Spec = dict[str, Any]


def refused(answer: httpx.Response, status: int, code: int) -> str:
    """The message of an error in KFP's form."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"error", "code", "message", "details"}
    assert body["code"] == code
    assert body["error"] == body["message"]
    return str(body["message"])


def create(http: httpx.Client, spec: Any, parameters: Any = None, **more: Any) -> httpx.Response:
    body = {
        "display_name": "r",
        "pipeline_spec": spec,
        "runtime_config": {"parameters": {"x": 1} if parameters is None else parameters},
        **more,
    }
    return http.post("/apis/v2beta1/runs", json=body)


def upload(http: httpx.Client, content: bytes, filename: str = "bad.yaml", **query: str) -> Any:
    return http.post(
        "/apis/v2beta1/pipelines/upload", params=query, files={"uploadfile": (filename, content)}
    )


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({}, '"x" is required'),
        ({"x": None}, '"x" is required'),
        ({"x": 1, "z": 2}, 'no parameter "z"; it takes name, x, y'),
        ({"x": "1"}, '"x" must be a whole number, not "1"'),
        ({"x": 1.5}, '"x" must be a whole number, not 1.5'),
        ({"x": True}, '"x" must be a whole number, not true'),
        ({"x": 2**53 + 1}, '"x" is 9007199254740993, which KFP cannot hold exactly'),
        ({"x": -(10**400)}, '"x" is -1000000000000000000… (401 digits), which KFP cannot hold'),
        ({"x": 1, "name": 5}, '"name" must be a string, not 5'),
        ({"x": 1, "name": ["ü"]}, '"name" must be a string, not ["ü"]'),
    ],
)
def test_parameters(http: httpx.Client, spec: Spec, parameters: Any, said: str) -> None:
    assert said in refused(create(http, spec, parameters), 400, 3)


def test_parameters_are_data(http: httpx.Client, spec: Spec) -> None:
    given = {"x": -1.0, "name": 'it\'s "quoted" ünïcode; $(rm -rf)'}
    created = create(http, spec, given)
    assert created.status_code == 200
    assert created.json()["runtime_config"]["parameters"] == {**given, "x": -1}


@pytest.mark.parametrize("kind", ["NUMBER_DOUBLE", "LIST", "PARAMETER_TYPE_ENUM_UNSPECIFIED"])
def test_integers_too_large_for_any_number(http: httpx.Client, spec: Spec, kind: str) -> None:
    spec["root"]["inputDefinitions"]["parameters"]["x"]["parameterType"] = kind
    assert '"x"' in refused(create(http, spec, {"x": 10**400}), 400, 3)
    spec["root"]["inputDefinitions"]["parameters"]["x"]["defaultValue"] = 10**400
    refused(create(http, spec, {"x": 1}), 400, 3)


def test_integers_that_a_double_holds(http: httpx.Client, spec: Spec) -> None:
    created = create(http, spec, {"x": 2**60})
    assert created.status_code == 200
    assert created.json()["runtime_config"]["parameters"]["x"] == 2**60


def _no_name(spec: Spec) -> None:
    spec["pipelineInfo"] = {}


def _old_schema(spec: Spec) -> None:
    spec["schemaVersion"] = "1.0"


def _unknown_field(spec: Spec) -> None:
    spec["rooot"] = {}


def _wrong_type(spec: Spec) -> None:
    spec["components"] = []


def _missing_component(spec: Spec) -> None:
    spec["root"]["dag"]["tasks"]["add"]["componentRef"]["name"] = "comp-gone"


def _missing_executor(spec: Spec) -> None:
    spec["deploymentSpec"]["executors"] = {}


def _circle(spec: Spec) -> None:
    spec["root"]["dag"]["tasks"]["add"]["dependentTasks"] = ["add-2"]


def _no_root(spec: Spec) -> None:
    del spec["root"]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_no_name, "pipelineInfo.name"),
        (_old_schema, "schemaVersion '1.0'"),
        (_unknown_field, "rooot"),
        (_wrong_type, "components"),
        (_missing_component, "comp-gone"),
        (_missing_executor, "exec-add"),
        (_circle, "add-2"),
        (_no_root, "root"),
    ],
)
def test_specs(http: httpx.Client, spec: Spec, spoil: Callable[[Spec], None], said: str) -> None:
    spoil(spec)
    assert said in refused(create(http, spec), 400, 3)
    assert said in refused(upload(http, yaml.safe_dump(spec).encode()), 400, 3)


@pytest.mark.parametrize("spec", [{}, [], "text", None, {"pipeline_spec": None}, 5])
def test_no_spec_at_all(http: httpx.Client, spec: Any) -> None:
    refused(create(http, spec), 400, 3)


def _zip(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in files.items():
            bundle.writestr(name.replace("_", "."), text)
    return content.getvalue()


def _tar(**files: bytes) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name.replace("_", "."))
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return content.getvalue()


def _aliases(first: str, level: str) -> bytes:
    """A YAML document that grows ninefold with each of nine lines."""
    lines = [f"a0: &a0 {first}"]
    for number in range(1, 10):
        names = ", ".join([f"*a{number - 1}"] * 9)
        lines.append(f"a{number}: &a{number} {level % names}")
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"   \n---\n", "empty"),
        (b"a: [1", "not valid YAML"),
        (b"\xff\xfe\x00binary", "neither text nor an archive"),
        (b"- a\n- b\n", "must hold a YAML object, not list"),
        (b"kind: Workflow\nmetadata: {}\n", "compiled for KFP 1"),
        (b"when: 2020-01-01\n", "not valid YAML"),
        (_zip(readme_txt="hi"), "it holds 0"),
        (_zip(a_yaml="x: 1", b_yaml="x: 1"), "it holds 2"),
        (_zip(a_yaml="x: 1")[:40], "cannot be opened"),
        (_tar(), "it holds 0"),
        (b"\x1f\x8bnot really", "cannot be opened"),
        (_tar(pipeline_yaml=b"x: 1")[:40], "cannot be opened"),
        (_tar(data_bin=bytes(2**26), pipeline_yaml=b"x: 1"), "67108864 bytes when it is unpacked"),
        (_zip(data_bin="0" * 2**26, pipeline_yaml="x: 1"), "67108864 bytes when it is unpacked"),
        (_aliases("[x]", "[%s]"), "bytes when its YAML aliases (*name) are written out"),
        (_aliases("{x: y}", "{<<: [%s]}"), "bytes when its YAML aliases (*name) are written out"),
        (b"a: &a [*a]", "not valid YAML: Circular reference"),
    ],
)
def test_packages(http: httpx.Client, content: bytes, said: str) -> None:
    assert said in refused(upload(http, content), 400, 3)


def test_a_few_yaml_aliases_are_taken(http: httpx.Client, spec: Spec) -> None:
    inputs = {"parameters": {"a": {"parameterType": "STRING", "isOptional": True}}}
    spec["components"] |= {
        name: {"inputDefinitions": inputs, "executorLabel": "exec-add"}
        for name in ("comp-1", "comp-2")
    }
    content = yaml.safe_dump(spec).encode()
    assert b"*id001" in content
    assert upload(http, content, name="With aliases").status_code == 200


@pytest.mark.skipif(not KFP_FILES.is_dir(), reason="KFP's test pipelines are not here")
def test_pipelines_of_kfp(http: httpx.Client) -> None:
    for file in sorted(KFP_FILES.glob("valid/**/*.yaml")):
        answer = upload(http, file.read_bytes(), file.name, name=file.name)
        assert answer.status_code == 200, f"{file}: {answer.text}"
    for file in sorted(KFP_FILES.glob("invalid/**/*.yaml")):
        refused(upload(http, file.read_bytes(), file.name), 400, 3)


def test_bodies(http: httpx.Client, spec: Spec) -> None:
    def post(path: str, **options: Any) -> httpx.Response:
        return http.post(f"/apis/v2beta1{path}", **options)

    refused(post("/runs", content=b"{not json"), 400, 3)
    refused(post("/runs", json=[1]), 400, 3)
    for odd in ("NaN", "-Infinity", '"\\ud800"', "[" * 5000 + "]" * 5000):
        content = f'{{"display_name": "r", "runtime_config": {{"parameters": {{"x": {odd}}}}}}}'
        refused(post("/runs", content=content.encode()), 400, 3)
    assert "display_name" in refused(create(http, spec, display_name="  "), 400, 3)
    assert "display_name" in refused(create(http, spec, display_name=7), 400, 3)
    assert "runtime_config" in refused(create(http, spec, runtime_config=[]), 400, 3)
    both = create(http, spec, pipeline_version_reference={"pipeline_id": "p"})
    assert "not both" in refused(both, 400, 3)
    assert "needs a pipeline_spec" in refused(post("/runs", json={"display_name": "r"}), 400, 3)
    assert "display_name" in refused(post("/experiments", json={}), 400, 3)
    refused(post("/pipelines/upload"), 400, 3)
    fetch = {"display_name": "v", "package_url": {"pipeline_url": "http://169.254.169.254/"}}
    made = post("/pipelines", json={"display_name": "for package_url"}).json()
    said = refused(post(f"/pipelines/{made['pipeline_id']}/versions", json=fetch), 400, 3)
    assert "does not download" in said


def test_things_that_are_not_there(http: httpx.Client, spec: Spec) -> None:
    for path in (
        "/experiments/gone",
        "/pipelines/gone",
        "/pipelines/names/gone",
        "/pipelines/gone/versions",
        "/pipelines/gone/versions/gone",
        "/runs/gone",
        "/runs/gone/tasks",
        "/runs/gone/tasks/gone",
        "/artifacts/gone",
    ):
        assert "gone" in refused(http.get(f"/apis/v2beta1{path}"), 404, 5)
    for path in ("/runs/gone:terminate", "/runs/gone:archive", "/experiments/gone:unarchive"):
        refused(http.post(f"/apis/v2beta1{path}"), 404, 5)
    for path in ("/runs/gone", "/experiments/gone", "/pipelines/gone"):
        refused(http.delete(f"/apis/v2beta1{path}"), 404, 5)
    refused(create(http, spec, experiment_id="gone"), 404, 5)
    reference = {"pipeline_id": "gone"}
    refused(create(http, None, pipeline_version_reference=reference), 404, 5)
    refused(http.get("/k8s/pod/logs", params={"podname": "gone"}), 404, 5)


def test_routes_that_are_not_there(http: httpx.Client) -> None:
    assert "no route" in refused(http.get("/apis/v1beta1/runs"), 404, 5)
    assert "PATCH" in refused(http.patch("/apis/v2beta1/runs/r", json={}), 501, 12)


def test_an_archived_experiment_takes_no_runs(http: httpx.Client, spec: Spec) -> None:
    made = http.post("/apis/v2beta1/experiments", json={"display_name": "Shut"}).json()
    http.post(f"/apis/v2beta1/experiments/{made['experiment_id']}:archive")
    said = refused(create(http, spec, experiment_id=made["experiment_id"]), 400, 9)
    assert "archived" in said


def test_names_are_unique(http: httpx.Client, adder_file: Path) -> None:
    content = adder_file.read_bytes()
    first = upload(http, content, name="Twice", display_name="shown", tags='{"a": "b"}')
    assert first.status_code == 200
    assert first.json()["tags"] == {"a": "b"}
    assert "exists already" in refused(upload(http, content, name="Twice"), 409, 6)
    versions = f"/apis/v2beta1/pipelines/{first.json()['pipeline_id']}/versions"
    body = {"display_name": "v1", "pipeline_spec": yaml.safe_load(content)}
    assert http.post(versions, json=body).status_code == 200
    assert "already" in refused(http.post(versions, json=body), 409, 6)
    http.post("/apis/v2beta1/experiments", json={"display_name": "Same"})
    again = http.post("/apis/v2beta1/experiments", json={"display_name": "Same"})
    assert "exists already" in refused(again, 409, 6)


def test_create_pipeline_and_version_and_cascade(http: httpx.Client, adder_file: Path) -> None:
    body = {
        "pipeline": {"display_name": "Both at once"},
        "pipeline_version": {"pipeline_spec": yaml.safe_load(adder_file.read_text())},
    }
    made = http.post("/apis/v2beta1/pipelines/create", json=body)
    assert made.status_code == 200
    path = f"/apis/v2beta1/pipelines/{made.json()['pipeline_id']}"
    assert http.get("/apis/v2beta1/pipelines/names/Both at once").json() == made.json()
    assert http.get(f"{path}/versions").json()["total_size"] == 1
    refused(http.delete(path), 400, 3)
    assert http.delete(path, params={"cascade": "true"}).json() == {}
    refused(http.get(path), 404, 5)


def test_a_run_outlives_its_pipeline(http: httpx.Client, adder_file: Path) -> None:
    pipeline = upload(http, adder_file.read_bytes(), name="Short-lived").json()["pipeline_id"]
    reference = {"pipeline_id": pipeline}
    run = create(http, None, pipeline_version_reference=reference).json()
    assert run["pipeline_version_reference"]["pipeline_version_id"]
    http.delete(f"/apis/v2beta1/pipelines/{pipeline}", params={"cascade": "true"})
    kept = http.get(f"/apis/v2beta1/runs/{run['run_id']}").json()
    assert "pipeline_version_reference" not in kept
    assert kept["pipeline_spec"] == yaml.safe_load(adder_file.read_text())
    assert json.dumps(kept)


def test_a_spec_is_checked_before_others_have_to_wait(
    tmp_path: Path, spec: Spec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check of a large spec takes a second: what the engine records meanwhile is not held up."""
    home = Home(tmp_path)
    home.create()
    headers = {"Authorization": "Bearer token"}
    checked: list[bool] = []

    def check(*given: Any) -> Any:
        other = Database(home.database)
        with other.write():
            checked.append(True)
        other.close()
        return specs.check_spec(*given)

    monkeypatch.setattr(runs, "check_spec", check)
    with TestClient(
        create_app(home, "token"), base_url="http://127.0.0.1/pipelines", headers=headers
    ) as client:
        assert create(client, spec, {"x": "no number"}).status_code == 400
    assert checked == [True]
