"""The file ``connections.json``: configured endpoints, the active profile and its namespace. Its schema is ``connections.schema.json``."""

from __future__ import annotations

import json
import os
import re
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyterlab_kubeflow.errors import KubeflowError

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

HOME_VARIABLE = "KUBEFLOW_CONFIG_HOME"
"""Environment variable that overrides the configuration folder."""

_SCHEMA = Path(__file__).with_name("connections.schema.json")


def config_home() -> Path:
    """``KUBEFLOW_CONFIG_HOME``, else ``kubeflow`` in the user's configuration folder."""
    configured = os.environ.get(HOME_VARIABLE)
    if configured:
        return Path(configured).expanduser().absolute()
    from platformdirs import user_config_path

    return user_config_path("kubeflow", appauthor=False)


def config_file() -> Path:
    """Where ``connections.json`` lies."""
    return config_home() / "connections.json"


def read() -> dict[str, Any]:
    """The checked content of ``connections.json``; ``{}`` when there is none.

    Raises :class:`KubeflowError` (``Invalid``, 422) whose message names the file and the field, also in ``details.field``.
    """
    path = config_file()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise _invalid(path, "", f"cannot be read: {error}") from error
    return _checked(path, text, _stamp(path))


def save(*, active: str, namespace: str | None, registry: str | None = None) -> None:
    """Remembers the active profile and, unless None, its namespace and its registry. Everything else in the file stays.

    Raises :class:`KubeflowError` when the file is invalid (it is then left as it is) or cannot be written.
    """
    content = json.loads(json.dumps(read()))
    content.setdefault("version", 1)
    content["active"] = active
    if namespace:
        content.setdefault("namespaces", {})[active] = namespace
    elif namespace is not None:
        content.get("namespaces", {}).pop(active, None)
    if registry:
        content.setdefault("registries", {})[active] = registry
    path = config_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = path.resolve()
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".connections-")  # 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=2, ensure_ascii=False)
                file.write("\n")
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise KubeflowError(
            f"{path} cannot be written: {error.strerror}. Set {HOME_VARIABLE} to a folder that you can write to.",
            reason="NotConfigured",
            status=503,
        ) from error


def resolve_path(name: str) -> Path:
    """A path in ``connections.json``: absolute, or relative to the configuration folder; ``~`` is the home folder."""
    return config_home() / Path(name).expanduser()


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=4)
def _checked(path: Path, text: str, _stamp: int) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _invalid(path, "", f"is not JSON: {error}") from error
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    validator = Draft202012Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))
    problem = best_match(validator.iter_errors(content))
    if problem is not None:
        field = ".".join(str(part) for part in problem.absolute_path)
        raise _invalid(path, field, _told(problem))
    result: dict[str, Any] = content
    return result


_TYPES = {"object": "an object", "array": "a list", "string": "text", "boolean": "true or false"}
_HARMLESS = re.compile(r"[A-Za-z]{1,20}")


def _told(problem: ValidationError) -> str:
    """What is wrong, in the schema's words: the content may hold a credential in the wrong place, and is never repeated."""
    wanted: Any = problem.validator_value
    schema: Any = problem.schema
    given: Any = problem.instance
    if problem.validator == "type":
        said = f"must be {_TYPES.get(wanted, wanted)}"
    elif problem.validator == "enum":
        said = f"must be one of {', '.join(map(str, wanted))}"
    elif problem.validator == "const":
        said = f"must be {json.dumps(wanted)}"
    elif problem.validator == "required":
        said = f"needs {', '.join(name for name in wanted if name not in given)}"
    elif problem.validator == "additionalProperties":
        known = schema.get("properties", {})
        unknown = sorted(set(given) - set(known))
        names = [name for name in unknown if _HARMLESS.fullmatch(name)]
        said = (
            f"holds what is not known here{': ' if names else ''}{', '.join(names)}. "
            f"Known are {', '.join(known)}"
        )
    elif problem.validator == "minLength":
        said = "must not be empty"
    else:
        said = "does not have the form that is wanted"
    described = schema.get("description")
    return f"{said} ({described.rstrip('.')})" if described else said


def _invalid(path: Path, field: str, problem: str) -> KubeflowError:
    where = f"{path}: field {field}: " if field else f"{path}: "
    return KubeflowError(
        f"{where}{problem}. Correct the file; docs/configuration.md describes it.",
        reason="Invalid",
        status=422,
        details={"file": str(path), "field": field},
    )
