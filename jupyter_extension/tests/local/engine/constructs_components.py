"""The small components that the tables of constructs share. kfp reads annotations as they stand, so they are not postponed here."""

# ruff: noqa: UP006, UP035, UP045 - components are what kfp understands

from typing import List, Optional

from kfp import dsl
from kfp.dsl import Dataset, Input, Output


@dsl.component
def say(text: str) -> str:
    print("saying", text)
    return text


@dsl.component
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component
def total(values: List[int]) -> int:
    return sum(values)


@dsl.component
def told(values: list) -> str:
    return str(values)


@dsl.component
def fail(message: str = "no good") -> str:
    raise ValueError(message)


@dsl.component
def write(text: str, data: Output[Dataset]):
    data.metadata["length"] = len(text)
    with open(data.path, "w") as file:
        file.write(text)


@dsl.component
def read(data: Input[Dataset]) -> str:
    with open(data.path) as file:
        return f"{file.read()}:{data.metadata.get('length')}"


@dsl.component
def join(parts: Input[List[Dataset]]) -> str:
    return "+".join(open(part.path).read() for part in parts)


@dsl.component
def maybe(a: Optional[int] = None, b: str = "b", data: Optional[Input[Dataset]] = None) -> str:
    return f"{a} {b} {data and open(data.path).read()}"
