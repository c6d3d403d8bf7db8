"""Parameters: types, defaults, constants, placeholders. kfp reads annotations as they stand, so they are not postponed here."""

# ruff: noqa: SIM115, UP006, UP035, UP045 - components are what kfp understands

from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional

from constructs import Case
from constructs_components import add, maybe, say, write
from engine_support import compiled
from kfp import dsl
from kfp.dsl import Input, Model, OutputPath


@dsl.component
def several(
    text: str, whole: int, number: float, flag: bool, many: List[int], table: Dict[str, int]
) -> NamedTuple(
    "Out",
    [
        ("text", str),
        ("whole", int),
        ("number", float),
        ("flag", bool),
        ("many", List[int]),
        ("table", Dict[str, int]),
    ],
):  # type: ignore[valid-type]
    return (text * 2, whole * 2, number / 2, not flag, many[::-1], {**table, "more": 1})


@dsl.pipeline(name="types")
def types(
    text: str = "ü'\"{}",
    whole: int = -3,
    number: float = 2.5,
    flag: bool = False,
    many: List[int] = [1, 2],  # noqa: B006
    table: Dict[str, int] = {"x": 1},  # noqa: B006
) -> NamedTuple(
    "Out",
    [
        ("text", str),
        ("whole", int),
        ("number", float),
        ("flag", bool),
        ("many", List[int]),
        ("table", Dict[str, int]),
    ],
):  # type: ignore[valid-type]
    task = several(text=text, whole=whole, number=number, flag=flag, many=many, table=table)
    names = ("text", "whole", "number", "flag", "many", "table")
    out = NamedTuple("Out", [(name, Any) for name in names])  # type: ignore[misc]
    return out(*(task.outputs[name] for name in names))


@dsl.component
def paths(
    whole: OutputPath(int),  # type: ignore[valid-type]
    number: OutputPath(float),  # type: ignore[valid-type]
    truth: OutputPath(bool),  # type: ignore[valid-type]
    many: OutputPath(list),  # type: ignore[valid-type]
    table: OutputPath(dict),  # type: ignore[valid-type]
    text: OutputPath(str),  # type: ignore[valid-type]
):
    open(whole, "w").write("7")
    open(number, "w").write("2.5")
    open(truth, "w").write("True")
    open(many, "w").write('[1, "x", null]')
    open(table, "w").write('{"a": [1, 2.5, null]}')
    open(text, "w").write("7")


@dsl.pipeline(name="texts")
def texts(text: str) -> str:
    return say(text=say(text=text).output).output


@dsl.component
def values() -> NamedTuple("Out", [("truth", bool), ("many", list)]):  # type: ignore[valid-type]
    return (True, [1, "a", None])


@dsl.pipeline(name="built-inside")
def built_inside(text: str) -> str:
    return say(text=f"<{text}>").output


@dsl.pipeline(name="built")
def built(n: int = 4, table: dict = {"a": 1}) -> str:  # noqa: B006
    made = values()
    return built_inside(
        text=f"{add(a=n).output} of {n}, {made.outputs['truth']}, {made.outputs['many']}, {table}"
    ).output


@dsl.pipeline(name="constants")
def constants() -> str:
    return several(
        text="{{$.inputs", whole=1, number=1.0, flag=True, many=[], table={"k": 2}
    ).outputs["text"]


@dsl.pipeline(name="optional-inside")
def optional_inside(a: Optional[int] = None, model: Optional[Input[Model]] = None) -> str:
    return maybe(a=a).output


@dsl.pipeline(name="optional")
def optional(a: Optional[int] = None) -> str:
    return optional_inside(a=a).output


@dsl.pipeline(name="optional-with-values")
def optional_with_values(a: Optional[int] = None, b: str = "pipeline's") -> str:
    return maybe(a=a, b=b, data=write(text="x").outputs["data"]).output


@dsl.component
def measure(text: str) -> str:
    """The shapes of the names, which are others in each run."""
    import re

    job, resource, run, task, task_id, root, created, scheduled = text.split("|")
    assert job == resource, text
    assert run in root, text
    assert created == scheduled, text
    return f"{task} {len(task_id) > 0} {bool(re.fullmatch(r'....-..-..T..:..:..Z', created))}"


@dsl.pipeline(name="names", pipeline_root="gs://bucket/root")
def names() -> str:
    named = (
        dsl.PIPELINE_JOB_NAME_PLACEHOLDER,
        dsl.PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER,
        dsl.PIPELINE_JOB_ID_PLACEHOLDER,
        dsl.PIPELINE_TASK_NAME_PLACEHOLDER,
        dsl.PIPELINE_TASK_ID_PLACEHOLDER,
        dsl.PIPELINE_ROOT_PLACEHOLDER,
        dsl.PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER,
        dsl.PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER,
    )
    return measure(text="|".join(named)).output


@dsl.pipeline(name="one-word")
def one_word(text: str) -> str:
    return say(text=text).output


def edited(pipeline: Any, change: Any) -> Any:
    """A compiled pipeline with a change that kfp's compiler does not make."""

    def make(folder: Path) -> dict[str, Any]:
        spec = compiled(pipeline)
        change(spec)
        return spec

    return make


@dsl.component
def numbers() -> int:
    return 0


@dsl.pipeline(name="fields")
def fields() -> int:
    made = numbers()
    return add(a=made.output, b=made.output).output


def _select(spec: dict[str, Any]) -> None:
    """The output becomes a dictionary, and the inputs fields of it."""
    container = spec["deploymentSpec"]["executors"]["exec-numbers"]["container"]
    container["command"][-1] = container["command"][-1].replace(
        "-> int:\n    return 0", "-> dict:\n    return {'a': {'b': [1, 2]}, 'text': '[5]'}"
    )
    made = spec["components"]["comp-numbers"]["outputDefinitions"]["parameters"]["Output"]
    made["parameterType"] = "STRUCT"
    inputs = spec["root"]["dag"]["tasks"]["add"]["inputs"]["parameters"]
    inputs["a"]["parameterExpressionSelector"] = 'parseJson(string_value)["a"]["b"][1]'
    inputs["b"]["parameterExpressionSelector"] = "parseJson(string_value)['a']['b'][0]"


def _texts_of_all(spec: dict[str, Any]) -> None:
    given = spec["root"]["dag"]["tasks"]["say"]["inputs"]["parameters"]
    given["text"] = {"runtimeValue": {"constant": {"a": [1, 2.5, True]}}}


def _literals(spec: dict[str, Any]) -> None:
    wanted = spec["components"]["comp-say"]["inputDefinitions"]["parameters"]["text"]
    wanted["literals"] = ["a", "b"]


def _runtime_parameter(spec: dict[str, Any]) -> None:
    given = spec["root"]["dag"]["tasks"]["say"]["inputs"]["parameters"]
    given["text"] = {"runtimeValue": {"runtimeParameter": "text"}}


CASES = [
    Case(
        "Parameters of all types: defaults",
        types,
        outputs={
            "root": {
                "text": "ü'\"{}ü'\"{}",
                "whole": -6,
                "number": 1.25,
                "flag": True,
                "many": [2, 1],
                "table": {"x": 1, "more": 1},
            }
        },
    ),
    Case(
        "Parameters of all types: given",
        types,
        {"text": "", "whole": 0, "number": 1e300, "flag": True, "many": [], "table": {}},
        outputs={"root": {"text": "", "whole": 0, "number": 5e299, "flag": False, "many": []}},
    ),
    Case(
        "Output paths of all types",
        paths,
        outputs={
            "root.paths": {
                "whole": 7,
                "number": 2.5,
                "truth": True,
                "many": [1, "x", None],
                "table": {"a": [1, 2.5, None]},
                "text": "7",
            }
        },
        local="it takes no null in a list",
    ),
    *(
        Case(
            f"A text that looks like something else: {text!r}",
            texts,
            {"text": text},
            outputs={"root": {"Output": text}},
            local=local,
        )
        for text, local in (
            ("{{$.inputs.parameters['text']}} {{$}}", "it puts values into values"),
            ('it\'s "ü"\n$(id) `id`', None),
            ("", None),
        )
    ),
    Case(
        "Texts built from parameters and outputs at every level",
        built,
        outputs={"root": {"Output": '<5 of 4, true, [1, "a", null], {"a": 1}>'}},
        local="it finds none of the values",
    ),
    Case(
        "Constants",
        constants,
        outputs={"root": {"Output": "{{$.inputs{{$.inputs"}},
        local="it takes the beginning of a placeholder for one",
    ),
    Case(
        "Optional inputs without a value at each level",
        optional,
        outputs={"root": {"Output": "None b None"}},
        local="it takes no input without a value through a pipeline",
    ),
    Case(
        "Optional inputs with a value at each level",
        optional,
        {"a": 3},
        outputs={"root": {"Output": "3 b None"}},
    ),
    Case(
        "Optional inputs, some with values",
        optional_with_values,
        outputs={"root": {"Output": "None pipeline's x"}},
        local="it takes no parameter without a value",
    ),
    Case(
        "Names of the run, its task, its times and its root",
        names,
        outputs={"root": {"Output": "measure True True"}},
        messages={"root": "Without effect on this machine: pipeline root gs://bucket/root."},
        local="its job has two names, and no times",
    ),
    Case(
        "Fields of an output",
        edited(fields, _select),
        outputs={"root": {"Output": 3}},
        local="it takes one field of a field only",
    ),
    Case(
        "A text from a value of another type",
        edited(one_word, _texts_of_all),
        {"text": "unused"},
        outputs={"root": {"Output": '{"a": [1, 2.5, true]}'}},
        local="it passes the value as it is, unlike a cluster",
    ),
    Case(
        "A parameter with allowed values: allowed",
        edited(one_word, _literals),
        {"text": "b"},
        outputs={"root": {"Output": "b"}},
    ),
    Case(
        "A parameter with allowed values: not allowed",
        edited(one_word, _literals),
        {"text": "c"},
        state="FAILED",
        error="Input 'text' must be one of 'a', 'b', but is 'c'.",
        local="it does not look at them, unlike a cluster",
    ),
    Case(
        "A parameter by the old word for it",
        edited(one_word, _runtime_parameter),
        {"text": "old"},
        outputs={"root": {"Output": "old"}},
        local="it does not know the word",
    ),
]
