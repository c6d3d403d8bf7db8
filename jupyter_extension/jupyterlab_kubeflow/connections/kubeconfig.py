"""Kubeconfig files: their contexts, and the credentials of one of them, as kubectl reads them."""

from __future__ import annotations

import os
from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyterlab_kubeflow.errors import KubeflowError

from .access import Access, renewal
from .entry import Entry, Invalid
from .exec_plugin import run_plugin
from .upstream import Tls

_Documents = tuple[tuple[Path, dict[str, Any]], ...]

_EXTENSION = "client.authentication.k8s.io/exec"
"""Name of the cluster's extension that is for its credential plugin."""

_LIBRARY_PROVIDERS = ("oidc", "gcp", "azure")
"""Values of ``auth-provider.name`` that the kubernetes package knows."""


@dataclass(frozen=True)
class Contexts:
    """Contexts (name → default namespace), the current one, and what could not be read."""

    namespaces: dict[str, str]
    current: str | None = None
    problem: str | None = None


def files() -> list[Path]:
    """The kubeconfig files that exist: those of ``KUBECONFIG``, else ``~/.kube/config``."""
    configured = os.environ.get("KUBECONFIG") or "~/.kube/config"
    paths = [Path(name).expanduser() for name in configured.split(os.pathsep) if name.strip()]
    return [path for path in paths if path.is_file()]


def fingerprint() -> tuple[tuple[str, int, int], ...]:
    """Changes when a kubeconfig file changes."""
    result = []
    for path in files():
        try:
            stat = path.stat()
        except OSError:
            continue
        result.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(result)


def contexts() -> Contexts:
    """The contexts of all kubeconfig files, merged as kubectl merges them: the first one to name a thing wins. Never raises."""
    return _contexts(fingerprint())


@lru_cache(maxsize=4)
def _contexts(stamps: Hashable) -> Contexts:
    documents, problems = _read(stamps)
    namespaces: dict[str, str] = {}
    current: str | None = None
    for path, content in documents:
        try:
            for item in content.get("contexts") or []:
                namespace = (item.get("context") or {}).get("namespace") or "default"
                namespaces.setdefault(str(item["name"]), str(namespace))
        except (AttributeError, KeyError, TypeError):
            problems += (
                f"The kubeconfig {path} is not valid: field contexts must be a list of objects with a name and a context.",
            )
        current = current or content.get("current-context") or None
    return Contexts(namespaces, current, " ".join(problems) or None)


@lru_cache(maxsize=4)
def _read(stamps: Any) -> tuple[_Documents, tuple[str, ...]]:
    """The content of the files, and what is wrong with those that have none."""
    import yaml

    documents, problems = [], []
    for name, *_ in stamps:
        try:
            content = yaml.safe_load(Path(name).read_text(encoding="utf-8")) or {}
            if isinstance(content, dict):
                documents.append((Path(name).absolute(), content))
            else:
                problems.append(f"The kubeconfig {name} is not valid: it must be an object.")
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            problems.append(f"The kubeconfig {name} cannot be read: {_first_line(error)}.")
    return tuple(documents), tuple(problems)


def load(context: str, plugin_timeout: float, impersonation: bool = False) -> Access:
    """The credentials of ``context``: reads its files, runs its exec plugin, refreshes its token. Blocks; call it in a thread.

    ``impersonation`` says whether the kubeconfig may ask to act as somebody else. Raises :class:`KubeflowError` that names the context
    and the remedy; what is not there never leads to a request without credentials.
    """
    documents, problems = _read(fingerprint())
    try:
        if not documents:
            raise Invalid("there is no kubeconfig file" if not problems else problems[0])
        entry = _find(documents, "context", context)
        cluster = _find(documents, "cluster", entry.needed("cluster"))
        name = entry.text("user")
        user = _find(documents, "user", name) if name else Entry("user", {}, "")
        if user.acting() and not impersonation:
            raise _impersonates(context, user.text("as") or "")
        return _access(context, cluster, user, plugin_timeout)
    except Invalid as error:
        raise _unusable(context, " ".join([str(error), *problems])) from error
    except OSError as error:
        raise _unusable(context, f"{error.filename}: {error.strerror}") from error


def _find(documents: _Documents, kind: str, name: str) -> Entry:
    for path, content in documents:
        listed = content.get(f"{kind}s") or []
        if not isinstance(listed, list):
            raise Invalid(f"{kind}s of {path} must be a list")
        for item in listed:
            if isinstance(item, dict) and str(item.get("name")) == name:
                value = item.get(kind) or {}
                if not isinstance(value, dict):
                    raise Invalid(f'the {kind} "{name}" of {path} must be an object')
                return Entry(f'{kind} "{name}"', value, str(path.parent))
    if kind == "context":
        raise Invalid("the kubeconfig has no such context")
    raise Invalid(f'it names the {kind} "{name}", which no kubeconfig has')


def _access(context: str, cluster: Entry, user: Entry, timeout: float) -> Access:
    server = cluster.needed("server")
    if not server.startswith(("http://", "https://")):
        raise Invalid("server of the cluster must begin with http:// or https://")
    proxy = cluster.text("proxy-url")
    if proxy and not proxy.startswith(("http://", "https://", "socks5://")):
        raise Invalid("proxy-url must begin with http://, https:// or socks5://")
    authority = cluster.pem("certificate-authority")
    verify = not cluster.flag("insecure-skip-tls-verify")
    authorization, renew = user.authorization()
    certificate, key = user.pem("client-certificate"), user.pem("client-key")
    if bool(certificate) != bool(key):
        raise Invalid(f"the {user.what} has only one of client-certificate and client-key")
    if not authorization and "exec" in user.value:
        described = {
            "server": server,
            "tls-server-name": cluster.text("tls-server-name"),
            "insecure-skip-tls-verify": not verify or None,
            "certificate-authority-data": cluster.encoded(authority),
            "proxy-url": proxy,
            "config": cluster.extension(_EXTENSION),
        }
        given = run_plugin(
            context,
            user.value["exec"],
            user.folder,
            timeout,
            cluster={name: value for name, value in described.items() if value is not None},
        )
        authorization = f"Bearer {given.token}" if given.token else None
        certificate, key = given.certificate or certificate, given.key or key
        renew = renewal(given.expires)
    elif not authorization and "auth-provider" in user.value:
        authorization, renew = _provided(context, user)
    return Access(
        server=server.rstrip("/"),
        headers={"Authorization": authorization} if authorization else {},
        tls=Tls(
            verify=verify,
            ca=authority,
            cert=certificate,
            key=key,
            server_name=cluster.text("tls-server-name"),
        ),
        renew=renew,
        proxy=proxy,
        impersonation=_impersonation(user),
        files=(*cluster.files, *user.files),
    )


def _impersonation(user: Entry) -> tuple[tuple[str, str], ...]:
    """The headers for the fields ``as``, ``as-uid``, ``as-groups`` and ``as-user-extra``, in client-go's words."""
    if not user.acting():
        return ()
    headers = [("Impersonate-User", user.needed("as"))]
    if uid := user.text("as-uid"):
        headers.append(("Impersonate-Uid", uid))
    headers += [("Impersonate-Group", group) for group in user.texts("as-groups")]
    extra = user.value.get("as-user-extra") or {}
    if not isinstance(extra, dict):
        raise Invalid(f"as-user-extra of the {user.what} must be an object")
    for name in extra:
        title = f"Impersonate-Extra-{quote(str(name).lower(), safe='!$&*+-.^_`|~')}"
        headers += [(title, value) for value in Entry(user.what, extra, "").texts(name)]
    return tuple(headers)


def _provided(context: str, user: Entry) -> tuple[str, float | None]:
    """What the kubernetes package makes of an ``auth-provider``; it keeps a refreshed token in the kubeconfig."""
    provider = user.value["auth-provider"]
    name = provider.get("name") if isinstance(provider, dict) else None
    if name not in _LIBRARY_PROVIDERS:
        raise Invalid(f'the auth-provider "{name}" is not known; use a credential plugin (exec)')
    from kubernetes.client import Configuration
    from kubernetes.config import ConfigException
    from kubernetes.config.kube_config import KubeConfigLoader, KubeConfigMerger

    configuration = Configuration()
    try:
        merger = KubeConfigMerger(os.pathsep.join(str(path) for path in files()))
        loader = KubeConfigLoader(
            config_dict=merger.config,
            active_context=context,
            config_base_path=None,  # each file's own folder
            config_persister=merger.save_changes,
        )
        loader.load_and_set(configuration)
    except ConfigException as error:
        raise Invalid(_first_line(error)) from error
    except (
        Exception
    ) as error:  # the loader raises whatever a malformed file or a refusal leads it to
        raise Invalid(
            f'the auth-provider "{name}" gave no token ({type(error).__name__})'
        ) from error
    authorization = configuration.get_api_key_with_prefix("authorization")
    if not authorization:
        raise Invalid(f'the auth-provider "{name}" gave no token; log in again')
    expiry = getattr(loader, "expiry", None)
    return authorization, renewal(expiry.timestamp() if expiry is not None else None)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _unusable(context: str, problem: str) -> KubeflowError:
    return KubeflowError(
        f'The kubeconfig context "{context}" cannot be used: {problem.rstrip(".")}. Correct the kubeconfig or choose another connection.',
        reason="NotConfigured",
        status=503,
        service="kubernetes",
    )


def _impersonates(context: str, whom: str) -> KubeflowError:
    return KubeflowError(
        f'The kubeconfig context "{context}" asks to act as "{whom}" (as), which is not allowed here. Use a context of your own, or let the '
        "server's administrator set KubeflowExtension.kubernetes_impersonation.",
        reason="Forbidden",
        status=403,
        service="kubernetes",
    )
