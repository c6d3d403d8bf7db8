"""What the script of a tuning trial begins with: it reads the values that the trial is given, and reports what came of them.

This file travels in the script: standard library only, and names that a notebook does not have.
"""


def _kubeflow_arguments(types: dict) -> dict:  # type: ignore[type-arg]
    """The arguments of the command line, ``--NAME=VALUE``, that were given. ``types``: by name, KFP's types or ``ANY``."""
    import argparse
    import ast
    import json

    def any_value(text: str) -> object:
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError):
            return text

    def truth(text: str) -> bool:
        if text.lower() not in ("true", "false"):
            raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
        return text.lower() == "true"

    def whole(text: str) -> int:
        value = float(text)
        if value != int(value):
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
        return int(value)

    readers = {
        "STRING": str,
        "NUMBER_INTEGER": whole,
        "NUMBER_DOUBLE": float,
        "BOOLEAN": truth,
        "LIST": json.loads,
        "STRUCT": json.loads,
    }
    parser = argparse.ArgumentParser(allow_abbrev=False, argument_default=argparse.SUPPRESS)
    for name, kind in types.items():
        parser.add_argument(f"--{name}", dest=name, type=readers.get(kind, any_value))  # type: ignore[arg-type]
    return vars(parser.parse_args())


def _kubeflow_numbers(found: dict, prefix: str = "") -> dict:  # type: ignore[type-arg]
    """The finite numbers of a dict by names that Katib's collector reads: what is nested is joined, and other letters become ``_``."""
    import decimal
    import math
    import numbers
    import re

    result = {}
    for key, value in found.items():
        name = prefix + re.sub(r"[^\w-]+", "_", str(key))
        if isinstance(value, dict):
            result.update(_kubeflow_numbers(value, name + "_"))
            continue
        try:
            value = value.item() if hasattr(value, "item") else value
            number = isinstance(value, (numbers.Real, decimal.Decimal)) and float(value)
        except (TypeError, ValueError, OverflowError):
            continue
        if not isinstance(value, bool) and number is not False and math.isfinite(number):
            result[name] = number
    return result


def _kubeflow_report(found: dict) -> None:  # type: ignore[type-arg]
    """Prints ``NAME=VALUE`` lines, and tells Trainer's status server where the node has one."""
    import datetime
    import json
    import os
    import ssl
    import sys
    import urllib.request

    metrics = _kubeflow_numbers(found)
    for name, number in metrics.items():
        print(f"{name}={number!r}", flush=True)
    address = os.environ.get("KUBEFLOW_TRAINER_SERVER_URL")
    if not address or not metrics or os.environ.get("JOB_COMPLETION_INDEX", "0") != "0":
        return
    status = {
        "lastUpdatedTime": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        "metrics": [{"name": name, "value": repr(number)} for name, number in metrics.items()],
    }
    try:
        with open(os.environ["KUBEFLOW_TRAINER_SERVER_TOKEN"]) as file:
            token = file.read().strip()
        request = urllib.request.Request(  # noqa: S310
            address,
            json.dumps({"trainerStatus": status}).encode(),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        context = ssl.create_default_context(cafile=os.environ["KUBEFLOW_TRAINER_SERVER_CA_CERT"])
        urllib.request.urlopen(request, context=context, timeout=30).close()  # noqa: S310
    except (OSError, KeyError) as error:
        print(f"The metrics were not reported to Trainer: {error}", file=sys.stderr, flush=True)
