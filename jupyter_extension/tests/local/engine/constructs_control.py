"""Control flow: order, conditions, loops, exit handlers. kfp reads annotations as they stand, so they are not postponed here."""

# ruff: noqa: E712, SIM117, UP006, UP035 - components are what kfp understands

from typing import List

from constructs import Case
from constructs_components import add, fail, join, read, say, told, total, write
from kfp import dsl
from kfp.dsl import Collected, Dataset, Input, PipelineTaskFinalStatus


@dsl.pipeline(name="sequence", description="adds", display_name="A sequence")
def sequence(start: int = 2) -> int:
    first = add(a=start)
    second = add(a=first.output, b=10).after(say(text="before"))
    return second.output


@dsl.pipeline(name="inner")
def inner(n: int) -> int:
    return add(a=n).output


@dsl.pipeline(name="middle")
def middle(n: int) -> int:
    return inner(n=inner(n=n).output).output


@dsl.pipeline(name="nested")
def nested(n: int = 1) -> int:
    return middle(n=n).output


@dsl.pipeline(name="branches")
def branches(n: int) -> str:
    with dsl.If(add(a=n, b=0).output == 1):
        one = say(text="one")
    with dsl.Elif(n == 2):
        two = say(text="two")
    with dsl.Else():
        many = say(text="many")
    return say(text=dsl.OneOf(one.output, two.output, many.output)).output


@dsl.pipeline(name="artifact-branches")
def artifact_branches(long: bool = False) -> str:
    with dsl.If(long == True):
        first = write(text="a long text")
    with dsl.Else():
        second = write(text="short")
    return read(data=dsl.OneOf(first.outputs["data"], second.outputs["data"])).output


@dsl.pipeline(name="branches-in-branches")
def branches_in_branches(n: int) -> str:
    with dsl.If(n == 1):
        one = say(text="one")
    with dsl.Else():
        with dsl.If(n == 2):
            two = say(text="two")
        with dsl.Else():
            many = say(text="many")
        either = say(text=dsl.OneOf(two.output, many.output))
    return dsl.OneOf(one.output, either.output)


@dsl.component
def truth() -> bool:
    return False


@dsl.component
def half() -> float:
    return 0.5


@dsl.pipeline(name="comparisons")
def comparisons(flag: bool = True, number: float = 1.5, text: str = "a && b"):
    with dsl.If(flag == True), dsl.If(number < 2.0), dsl.If(text == "a && b"):
        with dsl.If(truth().output == False), dsl.If(half().output >= 0.5):
            say(text="all hold")
    with dsl.If(text != "a && b"):
        say(text="never")


@dsl.component
def points(n: int) -> list:
    return [{"x": i, "ys": [i, i + 1]} for i in range(n)]


@dsl.pipeline(name="loops")
def loops(n: int) -> list:
    with dsl.ParallelFor(points(n=n).output) as point:
        base = add(a=point.x, b=100)
        with dsl.ParallelFor(point.ys) as y:
            add(a=y, b=base.output)
    return Collected(base.output)


@dsl.pipeline(name="loop-of-constants")
def loop_of_constants() -> int:
    with dsl.ParallelFor([{"a": 1, "b": 10}, {"a": 2, "b": 20}], name="pairs") as item:
        task = add(a=item.a, b=item.b)
        say(text=f"of {task.output}")
    return total(values=Collected(task.output)).output


@dsl.pipeline(name="loop-of-a-parameter")
def loop_of_a_parameter(words: List[str]) -> str:
    with dsl.ParallelFor(words, parallelism=2) as word:
        said = say(text=word)
    return told(values=Collected(said.output)).output


@dsl.pipeline(name="loops-in-loops")
def loops_in_loops() -> str:
    with dsl.ParallelFor([1, 2]) as x, dsl.ParallelFor([10, 20]) as y:
        task = add(a=x, b=y)
    return told(values=Collected(task.output)).output


@dsl.pipeline(name="collected-over-a-condition")
def collected_over_a_condition(threshold: int) -> int:
    with dsl.ParallelFor([1, 2, 3]) as x, dsl.If(x >= threshold):
        task = add(a=x)
    return total(values=Collected(task.output)).output


@dsl.pipeline(name="collected-artifacts-over-a-condition")
def collected_artifacts_over_a_condition() -> str:
    with dsl.ParallelFor(["a", "b", "c"]) as text, dsl.If(text != "b"):
        made = write(text=text)
    return join(parts=Collected(made.outputs["data"])).output


@dsl.pipeline(name="each")
def each(parts: Input[List[Dataset]]):
    with dsl.ParallelFor(items=parts) as data:
        read(data=data)


@dsl.pipeline(name="loop-of-artifacts")
def loop_of_artifacts() -> str:
    with dsl.ParallelFor(["a", "b", "c"]) as text:
        written = write(text=text)
    each(parts=Collected(written.outputs["data"]))
    return join(parts=Collected(written.outputs["data"])).output


@dsl.pipeline(name="after-a-loop")
def after_a_loop() -> str:
    with dsl.ParallelFor([1, 2]) as x:
        task = add(a=x)
    return say(text="after").after(task).output


@dsl.component
def work(broken: bool):
    assert not broken, "broken"


@dsl.component
def tell(user: str, status: PipelineTaskFinalStatus) -> str:
    message = status.error_message or ""
    return f"{user}: {status.state} {status.pipeline_task_name} {message}".strip()


@dsl.pipeline(name="exit-handler")
def exit_handler(broken: bool, user: str = "me"):
    with dsl.ExitHandler(tell(user=user), name="the work"):
        work(broken=broken)


@dsl.pipeline(name="exit-handler-inside")
def exit_handler_inside(broken: bool = True):
    exit_handler(broken=broken, user="inside").ignore_upstream_failure()


@dsl.pipeline(name="failing")
def failing():
    broken = fail()
    say(text=say(text=broken.output).output)
    say(text="independent")
    say(text="whatever").after(broken).ignore_upstream_failure()


_BRANCHES = "root.condition-branches-1"

CASES = [
    Case(
        "Tasks in sequence, by data and by after()",
        sequence,
        outputs={"root": {"Output": 13}},
        states={"root.say": "SUCCEEDED"},
    ),
    Case(
        "Pipelines in pipelines",
        nested,
        outputs={"root": {"Output": 3}, "root.middle.inner": {"Output": 2}},
        states={"root.middle.inner-2.add": "SUCCEEDED"},
    ),
    *(
        Case(
            f"If, Elif, Else and OneOf: {taken}",
            branches,
            {"n": n},
            outputs={"root": {"Output": taken}},
        )
        for n, taken in ((1, "one"), (2, "two"), (3, "many"))
    ),
    Case(
        "OneOf of artifacts",
        artifact_branches,
        outputs={"root": {"Output": "short:5"}},
        local="it takes one branch for an artifact only",
    ),
    *(
        Case(
            f"OneOf of a branch in a branch: {taken}",
            branches_in_branches,
            {"n": n},
            outputs={"root": {"Output": taken}},
        )
        for n, taken in ((1, "one"), (2, "two"), (3, "many"))
    ),
    Case(
        "Conditions on all kinds of values",
        comparisons,
        outputs={
            "root.condition-1.condition-2.condition-3.condition-4.condition-5.say": {
                "Output": "all hold"
            }
        },
        messages={"root.condition-6": "Skipped, because its condition is false."},
    ),
    *(
        Case(
            f"Loops in loops over {n} outputs with fields",
            loops,
            {"n": n},
            outputs={"root": {"Output": [100 + i for i in range(n)]}},
            local="it finds neither what a loop without items makes nor an outer loop's fields",
        )
        for n in (0, 3)
    ),
    Case(
        "A loop over constants with fields, in texts, collected",
        loop_of_constants,
        outputs={"root": {"Output": 33}, "root.for-loop-2.1.say": {"Output": "of 22"}},
        local="it makes doubles of whole numbers in lists and metadata",
    ),
    Case(
        "A loop over a parameter with a limit",
        loop_of_a_parameter,
        {"words": ["x", "it's", ""]},
        outputs={"root": {"Output": "['x', \"it's\", '']"}},
    ),
    Case(
        "Collected over loops in loops",
        loops_in_loops,
        outputs={"root": {"Output": "[[11, 21], [12, 22]]"}},
        local="it makes doubles of whole numbers in lists and metadata",
    ),
    *(
        Case(
            f"Collected over a condition that holds {holds} times",
            collected_over_a_condition,
            {"threshold": threshold},
            outputs={"root": {"Output": expected}},
            local="it puts null in the place of what no iteration made, or finds nothing at all",
        )
        for threshold, holds, expected in ((1, 3, 9), (2, 2, 7), (4, 0, 0))
    ),
    Case(
        "Collected artifacts over a condition",
        collected_artifacts_over_a_condition,
        outputs={"root": {"Output": "a+c"}},
        local="it puts null in the place of what no iteration made",
    ),
    Case(
        "A loop over collected artifacts",
        loop_of_artifacts,
        outputs={"root": {"Output": "a+b+c"}, "root.each.for-loop-1.2.read": {"Output": "c:1"}},
    ),
    Case("A task after a loop", after_a_loop, outputs={"root": {"Output": "after"}}),
    Case(
        "An exit handler after success",
        exit_handler,
        {"broken": False},
        outputs={"root.tell": {"Output": "me: SUCCEEDED exit-handler-1"}},
    ),
    Case(
        "An exit handler after a failure",
        exit_handler,
        {"broken": True},
        state="FAILED",
        outputs={"root.tell": {"Output": "me: FAILED exit-handler-1 work failed."}},
        error="work: AssertionError: broken",
    ),
    Case(
        "An exit handler in a pipeline in a pipeline",
        exit_handler_inside,
        state="FAILED",
        outputs={
            "root.exit-handler.tell": {"Output": "inside: FAILED exit-handler-1 work failed."}
        },
        states={"root.exit-handler": "FAILED"},
    ),
    Case(
        "What a failure skips, and what it does not",
        failing,
        state="FAILED",
        states={
            "root.fail": "FAILED",
            "root.say": "SKIPPED",
            "root.say-2": "SKIPPED",
            "root.say-3": "SUCCEEDED",
            "root.say-4": "SUCCEEDED",
        },
        messages={
            "root.say": "Skipped, because fail failed.",
            "root.say-2": "Skipped, because say was skipped.",
        },
        error="fail: ValueError: no good (exit code 1)",
    ),
]
