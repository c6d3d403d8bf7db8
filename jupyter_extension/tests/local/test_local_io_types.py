"""Where the inputs of native tasks come from and what their outputs are (``v2beta1IOType``), in a pipeline with a loop and branches.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

from typing import Any

import httpx
import pytest
from kfp import dsl
from local_pipelines import add

API = "/apis/v2beta1"


@dsl.component
def total(values: list) -> int:
    return sum(values)


@dsl.component
def write(number: int, text: dsl.Output[dsl.Dataset]):
    with open(text.path, "w") as file:
        file.write(str(number))


@dsl.component
def count(texts: dsl.Input[list[dsl.Dataset]]) -> int:
    return len(texts)


@dsl.pipeline(name="io-types")
def io_types(flag: str = "yes"):
    with dsl.ParallelFor([1, 2]) as item:
        made = add(a=item, b=1)
        written = write(number=item)
    total(values=dsl.Collected(made.output))
    count(texts=dsl.Collected(written.outputs["text"]))
    with dsl.If(flag == "yes"):
        one = add(a=1, b=1)
    with dsl.Else():
        two = add(a=2, b=2)
    add(a=dsl.OneOf(one.output, two.output), b=3)


@pytest.fixture(scope="module")
def run_id(client: Any) -> str:
    """The ended run."""
    made = client.create_run_from_pipeline_func(io_types).run_id
    run = client.wait_for_run_completion(made, 200, 0.2)
    assert run.state == "SUCCEEDED", run.error
    return str(made)


@pytest.fixture(scope="module")
def tasks(http: httpx.Client, run_id: str) -> dict[str, dict[str, Any]]:
    """The tasks of the run by scope path."""
    listed = http.get(f"{API}/runs/{run_id}/tasks", params={"page_size": 200}).json()["tasks"]
    return {one["scope_path"]: one for one in listed}


def source(task: dict[str, Any], side: str, group: str = "parameters") -> dict[str, Any]:
    """Type and producer of the only parameter or artifact that is not a constant."""
    found = [one for one in task[side][group] if one["type"] != "RUNTIME_VALUE_INPUT"]
    assert len(found) == 1, task
    return {key: found[0][key] for key in ("type", "producer") if key in found[0]}


def test_loops(tasks: dict[str, dict[str, Any]]) -> None:
    (loop,) = (one for one in tasks.values() if one["type"] == "LOOP")
    for number in ("0", "1"):
        iteration = tasks[f"root.{loop['name']}.{number}"]
        items = [one for one in iteration["inputs"]["parameters"] if "item" in one["parameter_key"]]
        assert items[0]["type"] == "ITERATOR_INPUT"
        assert items[0]["producer"] == {"task_name": loop["name"], "iteration": number}
        assert source(iteration, "outputs") == {
            "type": "ITERATOR_OUTPUT",
            "producer": {"task_name": "add", "iteration": number},
        }
        inside = tasks[f"root.{loop['name']}.{number}.add"]
        assert source(inside, "inputs") == {"type": "COMPONENT_INPUT"}
        assert source(inside, "outputs") == {"type": "OUTPUT", "producer": {"task_name": "add"}}
    assert source(loop, "outputs")["type"] == "ITERATOR_OUTPUT"
    for name, group in (("total", "parameters"), ("count", "artifacts")):
        assert source(tasks[f"root.{name}"], "inputs", group) == {
            "type": "COLLECTED_INPUTS",
            "producer": {"task_name": loop["name"]},
        }


def test_branches(tasks: dict[str, dict[str, Any]]) -> None:
    branches = next(one for path, one in tasks.items() if one["type"] == "CONDITION_BRANCH")
    assert source(branches, "outputs")["type"] == "ONE_OF_OUTPUT"
    last = next(
        one
        for one in tasks.values()
        if one["name"].startswith("add") and source(one, "inputs")["type"] == "TASK_OUTPUT_INPUT"
    )
    assert source(last, "inputs")["producer"] == {"task_name": branches["name"]}


def test_links_are_found_by_type(http: httpx.Client, run_id: str) -> None:
    """The types of the engine's links stand in the spec alone, and are searched for as those in the table."""
    every = http.get(f"{API}/artifact_tasks", params={"run_ids": run_id}).json()["artifact_tasks"]
    kinds = {one["type"] for one in every}
    assert {"OUTPUT", "ITERATOR_OUTPUT", "COLLECTED_INPUTS"} <= kinds
    for kind in kinds:
        expected = [one for one in every if one["type"] == kind]
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            query = {"run_ids": run_id, "type": kind, "page_size": 1, "page_token": token}
            page = http.get(f"{API}/artifact_tasks", params=query).json()
            assert page["total_size"] == len(expected)
            found += page["artifact_tasks"]
            if not (token := page.get("next_page_token", "")):
                break
        assert found == expected
