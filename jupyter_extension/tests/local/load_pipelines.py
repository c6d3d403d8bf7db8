"""Pipelines whose tasks keep a ledger: every execution of a task's command adds a line to a file that outlives it.

kfp reads annotations as they stand, so they are not postponed here. Most tasks are shell commands, which start faster than Python.
"""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from kfp import dsl

LINES = 6
"""Lines that a task of :func:`note` writes to its log, one after the other."""

_TASK = "KUBEFLOW_LOCAL_TASK"
_ENTER = f'echo "${_TASK}" >> "$0"; '
_SAY = (
    f'i=1; while [ $i -le {LINES} ]; do echo "line $i of ${_TASK}"; i=$((i+1)); sleep 0.02; done; '
)


def line(task_id: str, number: int) -> str:
    """What a task of :func:`note` says as its ``number``-th line, from 1."""
    return f"line {number} of {task_id}"


@dsl.container_component
def note(ledger: str):
    """Enters itself in the ledger and says its lines."""
    return dsl.ContainerSpec("busybox", ["sh", "-c", _ENTER + _SAY], [ledger])


@dsl.container_component
def flaky(ledger: str):
    """As :func:`note`, but fails unless it has been executed before."""
    found = f'[ "$(grep -c "^${_TASK}$" "$0")" -gt 1 ] || exit 3; '
    return dsl.ContainerSpec("busybox", ["sh", "-c", _ENTER + found + _SAY], [ledger])


@dsl.container_component
def broken(ledger: str):
    """Enters itself in the ledger and fails."""
    return dsl.ContainerSpec("busybox", ["sh", "-c", _ENTER + "exit 3"], [ledger])


@dsl.container_component
def make(ledger: str, word: str, made: dsl.OutputPath(str)):
    """Enters itself in the ledger and gives ``word`` as its output."""
    script = _ENTER + 'mkdir -p "$(dirname "$2")"; printf %s "$1" > "$2"'
    return dsl.ContainerSpec("busybox", ["sh", "-c", script], [ledger, word, made])


@dsl.container_component
def show(ledger: str, data: dsl.Input[dsl.Dataset]):
    """Enters itself in the ledger and prints an artifact."""
    script = _ENTER + 'cat "$1"'
    return dsl.ContainerSpec("busybox", ["sh", "-c", script], [ledger, data.path])


@dsl.component
def train(ledger: str, model: dsl.Output[dsl.Model]) -> int:
    import os

    with open(ledger, "a") as file:
        file.write(os.environ["KUBEFLOW_LOCAL_TASK"] + "\n")
    with open(model.path, "w") as file:
        file.write("weights")
    return 42


@dsl.component
def check(ledger: str, number: int, model: dsl.Input[dsl.Model]):
    import os

    with open(ledger, "a") as file:
        file.write(os.environ["KUBEFLOW_LOCAL_TASK"] + "\n")
    with open(model.path) as file:
        assert (number, file.read()) == (42, "weights")


@dsl.container_component
def meet(folder: str, name: str, others: int):
    """Ends when as many tasks as ``others`` are at the same place at the same time."""
    script = ': > "$0/$1"; until [ "$(ls "$0" | wc -l)" -ge "$2" ]; do sleep 0.02; done'
    return dsl.ContainerSpec("busybox", ["sh", "-c", script], [folder, name, others])


@dsl.pipeline(name="chain")
def chain(ledger: str):
    first = note(ledger=ledger).set_caching_options(False)
    second = note(ledger=ledger).set_caching_options(False).after(first)
    note(ledger=ledger).set_caching_options(False).after(second)


@dsl.pipeline(name="loop")
def loop(ledger: str):
    with dsl.ParallelFor([1, 2, 3, 4], parallelism=2):
        note(ledger=ledger).set_caching_options(False)


@dsl.pipeline(name="retried")
def retried(ledger: str):
    again = flaky(ledger=ledger).set_caching_options(False)
    again.set_retry(num_retries=4, backoff_duration="1s", backoff_factor=1.0)
    note(ledger=ledger).set_caching_options(False).after(again)


@dsl.pipeline(name="leaving")
def leaving(ledger: str):
    last = note(ledger=ledger).set_caching_options(False)
    with dsl.ExitHandler(last):
        broken(ledger=ledger).set_caching_options(False)


@dsl.pipeline(name="cached")
def cached(ledger: str, word: str):
    made = make(ledger=ledger, word=word)
    with dsl.If(made.output == "even"):
        note(ledger=ledger).set_caching_options(False)


@dsl.pipeline(name="imported")
def imported(ledger: str, uri: str):
    data = dsl.importer(artifact_uri=uri, artifact_class=dsl.Dataset, reimport=True)
    show(ledger=ledger, data=data.output).set_caching_options(False)


@dsl.pipeline(name="python")
def python(ledger: str):
    trained = train(ledger=ledger).set_caching_options(False)
    check(
        ledger=ledger,
        number=trained.outputs["Output"],
        model=trained.outputs["model"],
    ).set_caching_options(False)


@dsl.pipeline(name="meeting")
def meeting(folder: str, names: list, others: int):
    with dsl.ParallelFor(names) as name:
        meet(folder=folder, name=name, others=others).set_caching_options(False)
