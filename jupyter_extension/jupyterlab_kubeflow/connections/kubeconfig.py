"""Kubeconfig files: contexts without the kubernetes package, credentials of one context with it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError

from .exec_plugin import run_plugin
from .upstream import Tls

EXPIRY_MARGIN = 60.0
"""Seconds before its expiry when a credential is loaded again."""


@dataclass(frozen=True)
class Access:
    """How to speak to a Kubernetes API server. ``expires`` is in seconds since the epoch; None when it is not known."""

    server: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    tls: Tls = field(default_factory=Tls)
    expires: float | None = None
    proxy: str | None = field(default=None, repr=False)

    def expired(self) -> bool:
        """Whether the credential is about to end."""
        return self.expires is not None and time.time() > self.expires - EXPIRY_MARGIN


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
def _contexts(stamps: tuple[tuple[str, int, int], ...]) -> Contexts:
    import yaml

    namespaces: dict[str, str] = {}
    current: str | None = None
    problems = []
    for name, _, _ in stamps:
        try:
            content = yaml.safe_load(Path(name).read_text(encoding="utf-8")) or {}
            listed = content.get("contexts") or []
            for item in listed:
                namespace = (item.get("context") or {}).get("namespace") or "default"
                namespaces.setdefault(str(item["name"]), str(namespace))
            current = current or content.get("current-context") or None
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            problems.append(f"The kubeconfig {name} cannot be read: {_first_line(error)}.")
        except (AttributeError, KeyError, TypeError):
            problems.append(
                f"The kubeconfig {name} is not valid: field contexts must be a list of objects with a name and a context."
            )
    return Contexts(namespaces, current, " ".join(problems) or None)


def load(context: str, plugin_timeout: float) -> Access:
    """The credentials of ``context``: runs its exec plugin, refreshes its token. Blocks; call it in a thread.

    Raises :class:`KubeflowError` that names the context and the remedy.
    """
    from kubernetes.client import Configuration
    from kubernetes.config import ConfigException
    from kubernetes.config.kube_config import KubeConfigLoader, KubeConfigMerger

    paths = os.pathsep.join(str(path) for path in files())
    if not paths:
        raise _unusable(context, "there is no kubeconfig file")
    configuration = Configuration()
    try:
        merger = KubeConfigMerger(paths)
        user, folder = _user(merger.config, context)
        proxy = _proxy(merger.config, context)
        expires = None
        persist = merger.save_changes
        if "exec" in user:
            expires = _replace_exec(context, user, folder, plugin_timeout)
            persist = None  # the plugin's credential is for this process only
        loader = KubeConfigLoader(
            config_dict=merger.config,
            active_context=context,
            config_base_path=None,  # each file's own folder
            config_persister=persist,
        )
        loader.load_and_set(configuration)
    except KubeflowError:
        raise
    except ConfigException as error:
        raise _unusable(context, _first_line(error)) from error
    except OSError as error:
        raise _unusable(context, f"{error.filename}: {error.strerror}") from error
    except Exception as error:  # the loader raises whatever malformed files lead it to
        raise _unusable(context, f"it is malformed ({type(error).__name__})") from error
    authorization = configuration.get_api_key_with_prefix("authorization")
    return Access(
        server=str(configuration.host).rstrip("/"),
        headers={"Authorization": authorization} if authorization else {},
        tls=Tls(
            verify=bool(configuration.verify_ssl),
            ca=configuration.ssl_ca_cert or None,
            cert=configuration.cert_file or None,
            key=configuration.key_file or None,
            server_name=getattr(configuration, "tls_server_name", None) or None,
        ),
        expires=expires or _expiry(getattr(loader, "expiry", None)),
        proxy=proxy,
    )


def _proxy(config: Any, context: str) -> str | None:
    """The cluster's ``proxy-url``, which the kubernetes package does not read."""
    if config is None:
        return None
    entry = config["contexts"].get_with_name(context, safe=True)
    name = entry["context"].safe_get("cluster") if entry is not None else None
    node = config["clusters"].get_with_name(name, safe=True) if name else None
    cluster = node.value.get("cluster") if node is not None else None
    proxy = cluster.get("proxy-url") if isinstance(cluster, dict) else None
    if proxy is None:
        return None
    if not isinstance(proxy, str) or not proxy.startswith(("http://", "https://", "socks5://")):
        raise _unusable(context, "proxy-url must begin with http://, https:// or socks5://")
    return proxy


def _user(config: Any, context: str) -> tuple[dict[str, Any], str]:
    """The user entry of a context, as a dictionary that the loader will read, and the folder of its file."""
    if config is None:
        raise _unusable(context, "the kubeconfig is empty")
    entry = config["contexts"].get_with_name(context, safe=True)
    if entry is None:
        raise _unusable(context, "the kubeconfig has no such context")
    name = entry["context"].safe_get("user")
    node = config["users"].get_with_name(name, safe=True) if name else None
    if node is None or not isinstance(node.value.get("user"), dict):
        return {}, ""
    return node.value["user"], os.path.dirname(os.path.abspath(node.path or ""))


def _replace_exec(context: str, user: dict[str, Any], folder: str, timeout: float) -> float | None:
    status = run_plugin(context, user.pop("exec"), folder, timeout)
    if status.token:
        user["token"] = status.token
    if status.certificate and status.key:
        import base64

        user["client-certificate-data"] = base64.b64encode(status.certificate.encode()).decode()
        user["client-key-data"] = base64.b64encode(status.key.encode()).decode()
    return status.expires


def _expiry(moment: Any) -> float | None:
    return float(moment.timestamp()) if hasattr(moment, "timestamp") else None


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _unusable(context: str, problem: str) -> KubeflowError:
    return KubeflowError(
        f'The kubeconfig context "{context}" cannot be used: {problem}. Correct the kubeconfig or choose another connection.',
        reason="NotConfigured",
        status=503,
        service="kubernetes",
    )
