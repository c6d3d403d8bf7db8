"""The command ``jupyter kubeflow``: ``local …``, ``compile`` and ``submit``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from . import __version__
from .errors import KubeflowError

Command = Callable[[argparse.Namespace], int]
"""What a subcommand sets as ``command``: does the work and returns the exit code."""


def parser() -> argparse.ArgumentParser:
    """The parser of all commands. Each leaf sets ``command``, a :data:`Command`."""
    from .local.commands import add_parsers as add_local
    from .notebook.commands import add_parsers as add_notebook

    root = argparse.ArgumentParser(
        prog="jupyter kubeflow", description="Kubeflow for JupyterLab on the command line."
    )
    root.add_argument("--version", action="version", version=__version__)
    subparsers = root.add_subparsers(title="commands", metavar="COMMAND", required=True)
    add_local(subparsers)
    add_notebook(subparsers)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Returns 0, or 1 for a failure told in words, 2 for wrong usage, 130 when interrupted."""
    try:
        options = parser().parse_args(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2
    command: Command = options.command
    try:
        return command(options)
    except KubeflowError as error:
        print(f"Error: {error.message}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except ImportError as error:
        print(
            f'Error: {error}. Install what this command needs: pip install "jupyterlab-kubeflow[local,sdk]"',
            file=sys.stderr,
        )
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"Error: {where}{error.strerror or error}.", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
