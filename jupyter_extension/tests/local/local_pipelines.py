"""Pipelines that the tests run. kfp reads annotations as they stand, so they are not postponed here."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from kfp import dsl

    @dsl.component
    def add(a: int, b: int) -> int:
        print(f"adding {a} and {b}")
        return a + b

    @dsl.component
    def wait(gate: str, report: dsl.Output[dsl.HTML]):
        import os
        import time

        print("begin ✓", flush=True)
        while not os.path.exists(gate):
            time.sleep(0.02)
        print("end", flush=True)
        with open(report.path, "w") as file:
            file.write("<p>done</p>")

    @dsl.component
    def fail() -> int:
        raise ValueError("no such luck")

    @dsl.pipeline(name="adder")
    def adder(x: int, y: int = 3, name: str = "it's ünïcode") -> int:
        """Adds: ``x`` is required. It says what it adds."""
        first = add(a=x, b=y)
        return add(a=first.output, b=4).output

    @dsl.pipeline(name="waiter")
    def waiter(gate: str):
        """Says "begin", waits until the file ``gate`` is there, says "end" and writes an artifact."""
        wait(gate=gate).set_caching_options(False)

    @dsl.pipeline(name="failing")
    def failing():
        """Its only task raises."""
        fail()

    @dsl.component
    def tell(message: str, due: str) -> str:
        return f"{message}, {due}"

    @dsl.pipeline(name="schedule-teller")
    def schedule_teller(message: str) -> str:
        """Says the message and when the run was due."""
        return tell(message=message, due=dsl.PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER).output
