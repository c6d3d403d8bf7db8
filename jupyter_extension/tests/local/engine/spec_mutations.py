"""Specs that were valid before something was deleted from them or put into another type's place. kfp reads annotations as they stand."""

import copy
from functools import cache
from typing import Any, Dict, List, Optional  # noqa: UP035

from engine_support import compiled
from hypothesis import strategies as st
from kfp import dsl
from kfp.dsl import Dataset, Input, Output, OutputPath, PipelineTaskFinalStatus


@dsl.container_component
def echo(text: str, out: OutputPath(str), note: Optional[str] = None):  # type: ignore[valid-type] # noqa: UP045
    return dsl.ContainerSpec(
        image="alpine",
        command=["sh", "-c", 'printf "%s" "$1" > "$0"', out, text],
        args=[dsl.IfPresentPlaceholder(input_name="note", then=["--note", note], else_=["none"])],
    )


@dsl.container_component
def make(data: Output[Dataset]):
    return dsl.ContainerSpec(image="alpine", command=["sh", "-c", 'printf x > "$0"', data.path])


@dsl.container_component
def use(data: Input[Dataset], n: int, flag: bool, many: list, table: dict, x: float):
    return dsl.ContainerSpec(image="alpine", command=["cat", data.path], args=[])


@dsl.container_component
def bye(status: PipelineTaskFinalStatus):
    return dsl.ContainerSpec(image="alpine", command=["true"])


@dsl.pipeline(name="inner")
def inner(text: str, data: Input[Dataset]) -> str:
    use(data=data, n=1, flag=True, many=[1], table={"a": 1}, x=0.5)
    return echo(text=f"<{text}>").output


@dsl.pipeline(name="everything")
def everything(
    words: List[str] = ["a", "b"],  # noqa: B006, UP006
    n: int = 2,
    table: Dict[str, str] = {"a": "b"},  # noqa: B006, UP006
) -> str:
    made = make().set_caching_options(False).set_retry(1, backoff_duration="0s")
    dsl.importer(artifact_uri="s3://b/x", artifact_class=Dataset, metadata={"n": n}, reimport=True)
    with dsl.ParallelFor(words, parallelism=2) as word:
        said = echo(text=word)
    with dsl.ExitHandler(bye()):
        with dsl.ParallelFor([{"a": "1"}]) as item:
            echo(text=item.a)
        with dsl.If(n == 1):
            one = echo(text="one")
        with dsl.Elif(n == 2):
            two = inner(text="two", data=made.output)
        with dsl.Else():
            many = echo(text=f"{n}", note="x").set_env_variable("A", "b").set_cpu_limit("1")
        echo(text=dsl.OneOf(one.output, two.output, many.output)).set_display_name("Chosen")
    last = echo(text="last", note="n").after(said).ignore_upstream_failure()
    echo(text=f"{table}")
    return last.output


@cache
def _whole() -> dict[str, Any]:
    return compiled(everything)


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every (container, key or index) in ``node``."""
    items = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    found = []
    for key, value in items:
        found.append((node, key))
        found += _places(value)
    return found


_OTHERS: list[Any] = [
    None, True, 0, -1, 2**70, 1.5, "", "x", "../x", "a.b", "{{$.inputs.parameters['x']}}", "{{$",
    [], ["x"], [[]], {}, {"x": {}}, {"x": 1},
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """The pipeline with one to three of its values deleted, doubled under another name, exchanged, or of another type."""
    spec = copy.deepcopy(_whole())
    for _ in range(draw(st.integers(1, 3))):
        places = _places(spec)
        if not places:
            break
        container, key = draw(st.sampled_from(places))
        how = draw(st.sampled_from(["delete", "replace", "rename", "take from elsewhere"]))
        if how == "delete":
            del container[key]
        elif how == "replace":
            container[key] = copy.deepcopy(draw(st.sampled_from(_OTHERS)))
        elif how == "rename" and isinstance(container, dict):
            container[draw(st.sampled_from(["x", f"{key}2", "", "a/b"]))] = container.pop(key)
        else:
            other, name = draw(st.sampled_from(places))
            container[key] = copy.deepcopy(other[name])
    return spec
