"""Any pipeline, any tasks that fail in it: a retry ends as if none had failed, and executes nothing twice that had succeeded.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine_steps import SCRIPT, let, times
from engine_support import MemoryRecorder, Result, compiled, retried, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jupyterlab_kubeflow.local.engine.recorder import TaskRecord
from kfp import dsl

ITEMS = ("0", "1", "2")


@dataclass
class Block:
    """Steps of one level, each with the earlier one that it reads and those that it comes after, and the blocks beside them."""

    kind: str
    steps: list[tuple[int | None, set[int]]] = field(default_factory=list)
    blocks: list["Block"] = field(default_factory=list)


@st.composite
def blocks(
    draw: st.DrawFn,
    depth: int = 2,
    kinds: tuple[str, ...] = ("loop", "condition", "handler", "pipeline"),
) -> Block:
    """Blocks that kfp 2.17 compiles: it loses outer items in loops in loops, and mixes up conditions in pipelines that are beside conditions."""
    block = Block(draw(st.sampled_from(kinds)))
    for index in range(draw(st.integers(1, 3))):
        before = list(range(index))
        reads = draw(st.sampled_from([None, *before]))
        after = draw(st.sets(st.sampled_from(before), max_size=2)) if before else set()
        block.steps.append((reads, after))
    if depth:
        without = {"loop": "loop", "handler": "condition", "pipeline": "condition"}.get(block.kind)
        inside = tuple(each for each in kinds if each != without)
        block.blocks = draw(st.lists(blocks(depth=depth - 1, kinds=inside), max_size=2))
    return block


@dsl.container_component
def member(folder: str, name: str, item: str, before: str, out: dsl.OutputPath(str)):  # type: ignore[valid-type]
    """A :func:`step` by the name NAME-ITEM, or NAME without an item. (kfp passes no item of a loop on from inside a text.)"""
    script = f'set -- "$1" "$2${{5:+-$5}}" "$3" "$4"; {SCRIPT}'
    return dsl.ContainerSpec(
        image="alpine", command=["sh", "-c", script, "sh"], args=[folder, name, before, out, item]
    )


Item = Any
"""What stands for the item of the loop that a task is in: "" outside of loops."""


def prepare(block: Block, prefix: str) -> dict[str, Any]:
    """The inner pipelines of the block by prefix, which kfp wants made before the ones around them."""
    made: dict[str, Any] = {}
    for number, each in enumerate(block.blocks):
        made |= prepare(each, f"{prefix}{'abc'[number]}")
    if block.kind in ("pipeline", "handler"):

        @dsl.pipeline(name=f"inner-{prefix}")
        def inner(folder: str, item: str) -> None:
            if block.kind == "pipeline":
                build(block, folder, prefix, item, made)
            else:
                last = member(folder=folder, name=f"{prefix}last", item=item, before="")
                with dsl.ExitHandler(last):
                    build(block, folder, prefix, item, made)

        made[prefix] = inner
    return made


def build(block: Block, folder: Any, prefix: str, item: Item, made: dict[str, Any]) -> None:
    """Adds the block's tasks to the pipeline that is being made."""
    tasks: list[Any] = []
    for index, (reads, after) in enumerate(block.steps):
        before = "" if reads is None else tasks[reads].output
        task = member(folder=folder, name=f"{prefix}{index}", item=item, before=before)
        tasks.append(task.after(*(tasks[each] for each in sorted(after))))
    for number, each in enumerate(block.blocks):
        inner = f"{prefix}{'abc'[number]}"
        if each.kind == "loop":
            with dsl.ParallelFor(list(ITEMS), parallelism=2) as own:
                build(each, folder, inner, own, made)
        elif each.kind == "condition":
            with dsl.If(folder != ""):
                build(each, folder, inner, item, made)
        else:
            made[inner](folder=folder, item=item)


def key(task: TaskRecord) -> str:
    """The name by which a step marks what it does."""
    given = task.input_parameters
    return f"{given['name']}-{given['item']}" if given["item"] else str(given["name"])


def ran(result: Result) -> dict[str, TaskRecord]:
    """The steps that have been begun, by name."""
    return {
        key(task): task
        for task in result.tasks.values()
        if task.type == "RUNTIME" and task.input_parameters
    }


def told_of_a_failure(result: Result, task: TaskRecord) -> bool:
    """Whether it is an exit task, and what it waited for has failed."""
    siblings = (
        each
        for each in result.tasks.values()
        if each.parent_task_id == task.parent_task_id and each.type == "EXIT_HANDLER"
    )
    return "last" in key(task) and next(siblings).state == "FAILED"


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)
@given(block=blocks(), data=st.data())
def test_a_retry_ends_as_if_nothing_had_failed(block: Block, data: st.DataObject) -> None:
    made = prepare(block, "s")

    @dsl.pipeline(name="random")
    def pipeline(folder: str) -> None:
        build(block, folder, "s", "", made)

    spec = compiled(pipeline)
    with tempfile.TemporaryDirectory() as scratch:
        # The home of both is the same, their records are not: nothing comes from the cache.
        lucky, unlucky, home = (Path(scratch, each) for each in ("lucky", "unlucky", "home"))
        lucky.mkdir()
        unlucky.mkdir()
        names = sorted(named(block, "s", ""))
        let(lucky, *names)
        wanted = run(spec, home, MemoryRecorder(), parameters={"folder": str(lucky)})
        assert wanted.state == "SUCCEEDED", wanted.error
        assert times(lucky) == dict.fromkeys(names, 1)

        failing = data.draw(st.sets(st.sampled_from(names), min_size=1, max_size=4))
        let(unlucky, *(name for name in names if name not in failing))
        result = run(spec, home, MemoryRecorder(), parameters={"folder": str(unlucky)})
        assert result.state == "FAILED"
        first = ran(result)
        expected = {
            name: 2
            if name in first
            and (first[name].state == "FAILED" or told_of_a_failure(result, first[name]))
            else 1
            for name in names
        }
        let(unlucky, *failing)
        again = retried(result)
        assert again.state == "SUCCEEDED", again.error
        assert times(unlucky) == expected
        assert again.states == wanted.states
        assert {name: task.output_parameters for name, task in ran(again).items()} == {
            name: task.output_parameters for name, task in ran(wanted).items()
        }


def named(block: Block, prefix: str, suffix: str) -> list[str]:
    """The names of all steps that :func:`build` makes of the block, for each item of a loop."""
    found = [f"{prefix}{index}{suffix}" for index in range(len(block.steps))]
    for number, each in enumerate(block.blocks):
        inner = f"{prefix}{'abc'[number]}"
        for own in [f"-{item}" for item in ITEMS] if each.kind == "loop" else [suffix]:
            found += named(each, inner, own)
            if each.kind == "handler":
                found.append(f"{inner}last{own}")
    return found
