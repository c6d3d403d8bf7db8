"""What a request says: the place in the API that its path names, and its query and body, read as an API server reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from . import discovery, errors, patches, protobuf
from .errors import StatusError, bad_request
from .resources import Options

if TYPE_CHECKING:
    from starlette.requests import Request

    from .kinds import Kind, Kinds

_BODY_LIMIT = 3 * 1024 * 1024
_VALIDATION = ("Ignore", "Strict", "Warn")
_JSON = ("application/json", "")
_YAML = ("application/yaml", "application/vnd.kubernetes.yaml")


_PROCESS = "its pods are processes of this machine, so a terminal of this machine does that"
_NETWORK = "there is no network of pods; what a pod serves is at an address of this machine, which its status or log says"
_NOT_ON_ONE_MACHINE = {
    ("pods", "exec"): _PROCESS,
    ("pods", "attach"): f"{_PROCESS}; `kubectl logs -f` follows the output",
    ("pods", "ephemeralcontainers"): _PROCESS,
    ("pods", "portforward"): _NETWORK,
    ("pods", "proxy"): _NETWORK,
    ("services", "proxy"): _NETWORK,
    ("pods", "binding"): "there is one machine, and no scheduler",
    ("pods", "eviction"): "there is one machine to run on; delete the pod instead",
    ("pods", "resize"): "processes have no limits that could be changed",
    ("serviceaccounts", "token"): "there is one user, whose token is in the kubeconfig",
}
"""What a cluster has and one machine does not, and what to do instead."""


@dataclass(frozen=True)
class Place:
    """A collection (``name`` empty), an object or a subresource. ``namespace`` empty: of all, or none."""

    kind: Kind
    namespace: str = ""
    name: str = ""
    subresource: str = ""


def place(kinds: Kinds, group: str, version: str, rest: list[str]) -> Place:
    """The place that a path below a group and version names. Raises 404."""
    namespace = ""
    if len(rest) >= 3 and rest[0] == "namespaces" and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    kind = kinds.find(group, version, rest[0]) if rest and len(rest) <= 3 else None
    if kind is None or (namespace and not kind.namespaced) or not all(rest):
        raise errors.no_route()
    name, subresource = (*rest[1:], "", "")[:2]
    if name and kind.namespaced and not namespace:
        raise errors.no_route()
    known = {"", *discovery.subresources(kind)}
    if kind.resource == "namespaces":
        known.add("finalize")
    if said := _NOT_ON_ONE_MACHINE.get((kind.resource, subresource)):
        raise StatusError(405, "MethodNotAllowed", f"Local Kubeflow has no {subresource}: {said}")
    if subresource not in known:
        raise errors.no_subresource(kind, name)
    return Place(kind, namespace, name, subresource)


def query(request: Request) -> dict[str, str]:
    """The query; of a parameter that is given more than once, the first value."""
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        found.setdefault(name, value)
    return found


def number(given: dict[str, str], name: str) -> int | None:
    """A parameter that is a number, None when it is absent or not above 0. Raises 400."""
    text = given.get(name, "")
    if not text:
        return None
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return max(0, int(text)) or None


def flag(given: dict[str, str], name: str) -> bool:
    """A parameter that is true or false. Present without a value is true."""
    return name in given and given[name].lower() not in ("false", "0")


def options(request: Request, given: dict[str, str], subresource: str = "") -> Options:
    """How to make a change. Raises 400 and 422 for parameters that an API server refuses."""
    kind = {"PUT": "UpdateOptions", "PATCH": "PatchOptions"}.get(request.method, "CreateOptions")
    dry_run = given.get("dryRun", "")
    if dry_run not in ("", "All"):
        raise errors.invalid_option(kind, errors.unsupported("dryRun", [dry_run], ["All"]))
    validation = given.get("fieldValidation") or "Warn"
    if validation not in _VALIDATION:
        cause = errors.unsupported("fieldValidation", validation, _VALIDATION)
        raise errors.invalid_option(kind, cause)
    agent = request.headers.get("user-agent", "").split("/")[0]
    return Options(
        manager=given.get("fieldManager") or agent or "unknown",
        dry_run=dry_run == "All",
        force=flag(given, "force"),
        validation=validation,
        subresource=subresource,
    )


async def body(request: Request, *, optional: bool = False) -> tuple[str, Any]:
    """Media type and value of the body. Raises 400 for what cannot be read, 413 for what is too large, 415 for other types."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > _BODY_LIMIT:
            raise StatusError(
                413,
                "RequestEntityTooLarge",
                f"Request entity too large: limit is {_BODY_LIMIT}",
            )
    if not content.strip():
        if optional:
            return media, None
        raise bad_request("the body of the request is empty")
    if media == protobuf.MEDIA:
        return media, protobuf.decode(content)
    known = (*_JSON, *_YAML, patches.JSON, patches.MERGE, patches.STRATEGIC, patches.APPLY)
    if media not in known:
        if request.method == "PATCH":
            raise StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
        raise errors.unsupported_media_type((_JSON[0], _YAML[0], protobuf.MEDIA))
    try:
        if media in (*_YAML, patches.APPLY):
            value = yaml.load(content, Loader=_Loader)  # noqa: S506 a safe loader
        else:
            value = json.loads(content, object_pairs_hook=_once(request))
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise bad_request(f"the body of the request cannot be read: {said}") from error
    return media, _whole_characters(value) if b"\\u" in content else value


def _once(request: Request) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    """Makes an object of what a JSON reader has found; the names that it has more than once are kept with the request."""
    twice: list[str] = []
    request.state.twice = twice

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice.extend(sorted({name for name in names if names.count(name) > 1}))
        return found

    return made


def check_names(request: Request, kind: Kind, options: Options) -> None:
    """Tells of names that the body's objects have more than once. Raises 400 where validation is strict."""
    said = [f'duplicate field "{name}"' for name in getattr(request.state, "twice", ())]
    if said and options.validation == "Strict":
        raise errors.not_strict(kind, said)
    if options.validation == "Warn":
        options.warnings += said


def _whole_characters(value: Any) -> Any:
    """Halves of characters replaced by U+FFFD, as Go's reader does: no file and no answer could hold them."""
    text = json.dumps(value, ensure_ascii=False)
    return json.loads(text.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))


class _Loader(yaml.SafeLoader):
    """Leaves times as they are written, as JSON does."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
