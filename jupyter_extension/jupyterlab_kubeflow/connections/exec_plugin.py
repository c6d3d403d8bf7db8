"""Credential plugins of kubeconfig (``users[].user.exec``; client.authentication.k8s.io/v1 and v1beta1)."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError

_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")


@dataclass(frozen=True)
class PluginCredential:
    """What a plugin gave: a token, or a client certificate and key in PEM. ``expires`` in seconds since the epoch."""

    token: str | None = field(default=None, repr=False)
    certificate: str | None = None
    key: str | None = field(default=None, repr=False)
    expires: float | None = None


def run_plugin(context: str, spec: Any, folder: str, timeout: float) -> PluginCredential:
    """Runs the plugin, without a terminal and for at most ``timeout`` seconds.

    The kubernetes package's own runner has no time limit, may read from the Jupyter server's terminal, and hides failures.
    Raises :class:`KubeflowError` that names the command. The plugin's output is never shown, what it says on stderr is.
    """
    if not isinstance(spec, dict) or not isinstance(spec.get("command"), str):
        raise _failed(context, "exec", "the field exec.command is missing")
    command = spec["command"]
    version = spec.get("apiVersion")
    if version not in _VERSIONS:
        raise _failed(context, command, f"exec.apiVersion must be one of {', '.join(_VERSIONS)}")
    if os.path.dirname(command) and not os.path.isabs(command):
        command = os.path.join(folder, command)
    environment = dict(os.environ)
    for item in spec.get("env") or []:
        environment[str(item["name"])] = str(item["value"])
    environment["KUBERNETES_EXEC_INFO"] = json.dumps(
        {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    )
    try:
        answer = subprocess.run(
            [command, *(str(argument) for argument in spec.get("args") or [])],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _failed(context, command, f"it did not end within {timeout:g} s") from error
    except OSError as error:
        hint = f" {spec['installHint']}" if isinstance(spec.get("installHint"), str) else ""
        raise _failed(context, command, f"it cannot be run ({error.strerror}).{hint}") from error
    if answer.returncode != 0:
        said = answer.stderr.decode("utf-8", "replace").strip()[-1000:]
        raise _failed(
            context, command, f"it ended with {answer.returncode}: {said or 'no message'}"
        )
    return _parsed(context, command, version, answer.stdout)


def _parsed(context: str, command: str, version: str, output: bytes) -> PluginCredential:
    from kubernetes.config.dateutil import parse_rfc3339

    try:
        content = json.loads(output)
        status = content["status"]
        token = status.get("token")
        certificate, key = status.get("clientCertificateData"), status.get("clientKeyData")
        stamp = status.get("expirationTimestamp")
        expires = float(parse_rfc3339(str(stamp)).timestamp()) if stamp else None
        answered = content["apiVersion"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _failed(context, command, "its output is not an ExecCredential") from error
    if answered != version:
        raise _failed(context, command, f"it answered with apiVersion {answered}, not {version}")
    if not token and not (certificate and key):
        raise _failed(context, command, "it gave neither a token nor a client certificate")
    return PluginCredential(token, certificate, key, expires)


def _failed(context: str, command: str, problem: str) -> KubeflowError:
    return KubeflowError(
        f'The credential plugin "{os.path.basename(command)}" of the kubeconfig context "{context}" failed: {problem}. '
        "Run it in a terminal, log in again if it says so, and retry.",
        reason="Unauthorized",
        status=503,
        service="kubernetes",
    )
