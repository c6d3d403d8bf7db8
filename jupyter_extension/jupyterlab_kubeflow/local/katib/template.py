"""The run of a Trial, made from the template of its Experiment: ``${trialParameters.NAME}`` stands for values. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import yaml

Body = dict[str, Any]
_PLACE = re.compile(r"\$\{trialParameters\.([^{}]+)\}")
_META = re.compile(r"\$\{trialSpec\.(.+)\}")
_INDEXED = re.compile(r"(Annotations|Labels)\[(.+)\]")

Find = Callable[[str, str], Body | None]
"""A ConfigMap by namespace and name."""


class Wrong(ValueError):
    """The template cannot be used; :attr:`field` is below ``spec.trialTemplate``, the message says what to do. :attr:`later`: what is missing may still come."""

    def __init__(self, field: str, said: str, *, later: bool = False) -> None:
        super().__init__(said)
        self.field = f"spec.trialTemplate{f'.{field}' if field else ''}"
        self.later = later


def read(template: Body, find: Find) -> Any:
    """What the template is: the object ``trialSpec``, or the text that its ConfigMap holds. Raises :class:`Wrong`."""
    if "trialSpec" in template:
        return template["trialSpec"]
    given = template["configMap"]
    namespace, name = given["configMapNamespace"], given["configMapName"]
    held = find(namespace, name)
    if held is None:
        said = f"there is no ConfigMap {name!r} in the namespace {namespace!r}: make it first, or give the template as trialSpec"
        raise Wrong("configMap.configMapName", said, later=True)
    texts = held.get("data") or {}
    if given["templatePath"] not in texts:
        said = f"the ConfigMap {name!r} has no {given['templatePath']!r}; it has {', '.join(sorted(texts)) or 'nothing'}"
        raise Wrong("configMap.templatePath", said, later=True)
    return texts[given["templatePath"]]


def places(template: Any) -> set[str]:
    """The names of the parameters that a template asks for."""
    found: set[str] = set()

    def note(name: str) -> str:
        found.add(name)
        return ""

    _replaced(template, note)
    return found


def is_meta(reference: str) -> bool:
    """Whether a trial parameter refers to the run itself (``${trialSpec.Name}``, ``${trialSpec.Labels[KEY]}``)."""
    key = _key(reference)
    return key in ("Name", "Namespace", "Kind", "APIVersion") or bool(_INDEXED.fullmatch(key))


def _key(reference: str) -> str:
    """What of the run is referred to, nothing for a parameter of the search."""
    match = _META.fullmatch(reference)
    return str(match[1]) if match else ""


def fill(
    template: Any, parameters: list[Body], values: Mapping[str, str], name: str, namespace: str
) -> Body:
    """The run: ``template`` (see :func:`read`) with the values of its trial parameters. Raises :class:`Wrong`.

    In an object, values are parts of texts; in the text of a ConfigMap they are parts of its YAML, so that they can be numbers there.
    """
    spec = _object(template) if isinstance(template, dict) else {}
    if not isinstance(template, dict) and any(is_meta(each["reference"]) for each in parameters):
        spec = _object(_loaded(_replaced(template, lambda _: "0")))
    given: dict[str, str] = {}
    for index, each in enumerate(parameters):
        reference = each["reference"]
        if is_meta(reference):
            given[each["name"]] = _of_run(reference, spec, name, namespace, index)
        elif reference in values:
            given[each["name"]] = values[reference]
        else:
            said = f"{reference!r} is none of the parameters of the search; it has {', '.join(values) or 'none'}"
            raise Wrong(f"trialParameters[{index}].reference", said)

    def value(place: str) -> str:
        if place not in given:
            said = f"the template asks for ${{trialParameters.{place}}}, which trialParameters does not name; it names {', '.join(given) or 'none'}"
            raise Wrong("trialParameters", said)
        return given[place]

    made = _replaced(template, value)
    run = _object(made if isinstance(template, dict) else _loaded(made))
    meta = run.setdefault("metadata", {})
    meta["name"], meta["namespace"] = name, namespace
    return run


def _replaced(value: Any, replace: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return _PLACE.sub(lambda match: replace(match[1]), value)
    if isinstance(value, dict):
        return {_replaced(key, replace): _replaced(each, replace) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, replace) for each in value]
    return value


def _loaded(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        said = f"the template in the ConfigMap is no YAML once its values are in: {error}"
        raise Wrong("configMap.templatePath", " ".join(said.split())) from error


def _object(value: Any) -> Body:
    if not isinstance(value, dict) or not isinstance(value.get("metadata") or {}, dict):
        raise Wrong("", "the template has to be an object with apiVersion, kind and spec")
    return {**value, "metadata": dict(value.get("metadata") or {})}


def _of_run(reference: str, spec: Body, name: str, namespace: str, index: int) -> str:
    key = _key(reference)
    plain = {
        "Name": name,
        "Namespace": namespace,
        "Kind": str(spec.get("kind", "")),
        "APIVersion": str(spec.get("apiVersion", "")),
    }
    if key in plain:
        return plain[key]
    which, label = _INDEXED.fullmatch(key).groups()  # type: ignore[union-attr]
    held = spec["metadata"].get(which.lower()) or {}
    if label not in held:
        said = f"the template's metadata.{which.lower()} has no {label!r}; it has {', '.join(held) or 'none'}"
        raise Wrong(f"trialParameters[{index}].reference", said)
    return str(held[label])
