"""Steps that fail until the test lets them succeed, and count how often they are executed.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

from pathlib import Path

from kfp import dsl

SCRIPT = """
echo x >> "$1/$2.ran"
if [ -e "$1/$2" ]; then mkdir -p "$(dirname "$4")"; printf %s "$3$2" > "$4"; else echo "$2 has no luck"; exit 1; fi
"""


@dsl.container_component
def step(folder: str, name: str, out: dsl.OutputPath(str), before: str = ""):  # type: ignore[valid-type]
    """Adds a line to FOLDER/NAME.ran and fails, unless there is a file FOLDER/NAME. Its output is BEFORE and NAME."""
    return dsl.ContainerSpec(
        image="alpine", command=["sh", "-c", SCRIPT, "sh"], args=[folder, name, before, out]
    )


def let(folder: Path, *names: str) -> None:
    """Lets the steps of these names succeed."""
    for name in names:
        (folder / name).touch()


def times(folder: Path) -> dict[str, int]:
    """How often each step has been executed, of those that have."""
    return {
        path.name.removesuffix(".ran"): len(path.read_text().splitlines())
        for path in folder.glob("*.ran")
    }
