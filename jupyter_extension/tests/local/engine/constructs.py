"""What the tables of constructs are made of: a case, and running many of them side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine_support import MemoryRecorder, Result, compiled
from jupyterlab_kubeflow.local.engine.engine import Engine
from kfp.dsl.base_component import BaseComponent


@dataclass(frozen=True)
class Case:
    """A construct, the pipeline that shows it, and what is expected of its run.

    ``pipeline`` is a kfp component or pipeline, a compiled spec, or a function from a fresh folder to one of these. ``FOLDER`` in a
    text parameter stands for that folder. ``outputs`` holds output parameters (and artifacts, as the texts of their files) by scope
    path; ``states`` and ``messages`` (in a task's message) likewise; ``error`` is in the run's error. ``local`` says why
    kfp.local is not the measure of the root's outputs; without it they are equal.
    """

    name: str
    pipeline: Any
    parameters: dict[str, Any] = field(default_factory=dict)
    state: str = "SUCCEEDED"
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    error: str | None = None
    local: str | None = None


@dataclass(frozen=True)
class Prepared:
    """A case with its compiled spec, its parameters and its folder."""

    case: Case
    spec: dict[str, Any]
    parameters: dict[str, Any]


def prepare(case: Case, folder: Path) -> Prepared:
    """Compiles the case's pipeline."""
    folder.mkdir(parents=True)
    pipeline = case.pipeline
    if callable(pipeline) and not isinstance(pipeline, BaseComponent):
        pipeline = pipeline(folder)
    spec = pipeline if isinstance(pipeline, dict) else compiled(pipeline)
    parameters = {
        name: value.replace("FOLDER", str(folder)) if isinstance(value, str) else value
        for name, value in case.parameters.items()
    }
    return Prepared(case, spec, parameters)


def run_all(prepared: Sequence[Prepared], home: Path, max_parallel: int = 4) -> list[Result]:
    """Runs the pipelines side by side, without the cache, in one engine."""

    async def execute() -> list[Result]:
        recorder = MemoryRecorder()
        engine = Engine(recorder, home, max_parallel=max_parallel)
        await engine.start()
        ids = [recorder.add(each.spec, each.parameters, enable_caching=False) for each in prepared]
        for run_id in ids:
            engine.submit(run_id)
        for run_id in ids:
            await engine.wait(run_id)
        await engine.stop()
        return [Result(recorder, run_id, home) for run_id in ids]

    return asyncio.run(execute())
