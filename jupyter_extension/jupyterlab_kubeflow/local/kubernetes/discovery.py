"""Discovery: which groups, versions and resources there are, plain and aggregated, and the server's version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .kinds import Kind, Kinds

VERSION = {
    "major": "1",
    "minor": "34",
    "gitVersion": "v1.34.2+kubeflow-local",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "",
    "platform": "python",
}
"""The Kubernetes whose schemas these are."""

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
REVIEWS = {
    "authorization.k8s.io": {
        "selfsubjectaccessreviews": "SelfSubjectAccessReview",
        "selfsubjectrulesreviews": "SelfSubjectRulesReview",
    },
    "authentication.k8s.io": {"selfsubjectreviews": "SelfSubjectReview"},
}
"""Group (version v1) → resource → kind of what is only asked, not kept."""
METRICS = "metrics.k8s.io"
"""The group (version v1beta1) of what pods use: measured, not kept."""
_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
_STATUS_VERBS = ["get", "patch", "update"]
_SUBRESOURCE_KINDS = {
    "scale": {"group": "autoscaling", "version": "v1", "kind": "Scale"},
    "metrics": {"group": "trainer.kubeflow.org", "version": "v1alpha1", "kind": "TrainJobMetrics"},
}


def groups(kinds: Kinds) -> dict[str, list[str]]:
    """Group → versions, those of the reviews and of the usage of pods included."""
    return {**kinds.groups(), **{name: ["v1"] for name in REVIEWS}, METRICS: ["v1beta1"]}


def _not_kept(group: str) -> list[tuple[str, str, bool, list[str]]]:
    """Plural, kind, whether it has a namespace, and verbs of what the store does not hold."""
    reviews = [(name, kind, False, ["create"]) for name, kind in REVIEWS.get(group, {}).items()]
    return [
        *reviews,
        *([("pods", "PodMetrics", True, ["get", "list"])] if group == METRICS else []),
    ]


def paths(kinds: Kinds) -> dict[str, Any]:
    """``/``."""
    found = ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3"]
    for name, versions in groups(kinds).items():
        if name:
            found += [f"/apis/{name}", *(f"/apis/{name}/{each}" for each in versions)]
    return {"paths": sorted([*found, "/readyz", "/version"])}


def core_versions() -> dict[str, Any]:
    """``/api``."""
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}


def group_list(kinds: Kinds) -> dict[str, Any]:
    """``/apis``."""
    found = [group(name, versions) for name, versions in groups(kinds).items() if name]
    for each in found:
        del each["apiVersion"], each["kind"]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found}


def group(name: str, versions: list[str]) -> dict[str, Any]:
    """``/apis/GROUP``."""
    listed = [{"groupVersion": f"{name}/{each}", "version": each} for each in versions]
    return {
        "kind": "APIGroup",
        "apiVersion": "v1",
        "name": name,
        "versions": listed,
        "preferredVersion": listed[0],
    }


def resource_list(kinds: Kinds, name: str, version: str) -> dict[str, Any] | None:
    """``/apis/GROUP/VERSION`` or ``/api/v1``; None when there is no such version."""
    if version not in groups(kinds).get(name, ()):
        return None
    resources = []
    for kind in _of(kinds, name, version):
        entry: dict[str, Any] = {
            "name": kind.plural,
            "singularName": kind.singular,
            "namespaced": kind.namespaced,
            "kind": kind.kind,
            "verbs": _VERBS,
        }
        if kind.short_names:
            entry["shortNames"] = list(kind.short_names)
        if kind.categories:
            entry["categories"] = list(kind.categories)
        resources.append(entry)
        resources += [
            {
                "name": f"{kind.plural}/{sub}",
                "singularName": "",
                "namespaced": kind.namespaced,
                **_SUBRESOURCE_KINDS.get(sub, {"kind": kind.kind}),
                "verbs": verbs,
            }
            for sub, verbs in subresources(kind).items()
        ]
    resources += [
        {
            "name": plural,
            "singularName": plural[:-1],
            "namespaced": namespaced,
            "kind": kind_,
            "verbs": verbs,
        }
        for plural, kind_, namespaced, verbs in _not_kept(name)
    ]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{name}/{version}" if name else version,
        "resources": resources,
    }


def aggregated(kinds: Kinds, *, core: bool) -> dict[str, Any]:
    """``/api`` (``core``) or ``/apis`` for those who accept :data:`AGGREGATED`."""
    items = []
    for name, versions in groups(kinds).items():
        if core == (not name):
            described = [_version(kinds, name, each) for each in versions]
            meta = {"creationTimestamp": None, **({"name": name} if name else {})}
            items.append({"metadata": meta, "versions": described})
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    }


def _version(kinds: Kinds, name: str, version: str) -> dict[str, Any]:
    resources = []
    for kind in _of(kinds, name, version):
        made = {"group": name, "version": version, "kind": kind.kind}
        entry: dict[str, Any] = {
            "resource": kind.plural,
            "responseKind": made,
            "scope": "Namespaced" if kind.namespaced else "Cluster",
            "singularResource": kind.singular,
            "verbs": _VERBS,
        }
        if kind.short_names:
            entry["shortNames"] = list(kind.short_names)
        if kind.categories:
            entry["categories"] = list(kind.categories)
        below = [
            {
                "subresource": sub,
                "responseKind": _SUBRESOURCE_KINDS.get(sub, made),
                "verbs": verbs,
            }
            for sub, verbs in subresources(kind).items()
        ]
        if below:
            entry["subresources"] = below
        resources.append(entry)
    resources += [
        {
            "resource": plural,
            "responseKind": {"group": name, "version": version, "kind": kind_},
            "scope": "Namespaced" if namespaced else "Cluster",
            "singularResource": plural[:-1],
            "verbs": verbs,
        }
        for plural, kind_, namespaced, verbs in _not_kept(name)
    ]
    return {"version": version, "freshness": "Current", "resources": resources}


def subresources(kind: Kind) -> dict[str, list[str]]:
    """The subresources of a kind and their verbs."""
    found = {"status": _STATUS_VERBS} if kind.status else {}
    if kind.resource == "pods":
        found["log"] = ["get"]
    if kind.resource == "trainjobs.trainer.kubeflow.org":
        found["metrics"] = ["get"]
    if kind.scale:
        found["scale"] = _STATUS_VERBS
    return found


def _of(kinds: Kinds, name: str, version: str) -> list[Kind]:
    return [each for each in kinds.all if each.group == name and each.version == version]
