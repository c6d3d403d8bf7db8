"""Credential plugins of kubeconfig (``users[].user.exec``; client.authentication.k8s.io/v1 and v1beta1)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timezone
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.times import instant

_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
_MODES = ("Never", "IfAvailable", "Always")


@dataclass(frozen=True)
class PluginCredential:
    """What a plugin gave: a token, or a client certificate and key in PEM. ``expires`` in seconds since the epoch."""

    token: str | None = field(default=None, repr=False)
    certificate: str | None = None
    key: str | None = field(default=None, repr=False)
    expires: float | None = None


def run_plugin(
    context: str, spec: Any, folder: str, timeout: float, *, cluster: dict[str, Any]
) -> PluginCredential:
    """Runs the plugin, without a terminal and for at most ``timeout`` seconds.

    ``cluster`` is what a plugin with ``provideClusterInfo`` is told (``ExecCredential.spec.cluster``). The kubernetes package's own
    runner has no time limit, may read from the Jupyter server's terminal, and hides failures. Raises :class:`KubeflowError` that names the command
    and its install hint. The plugin's output is never shown, what it says on stderr is.
    """
    if not isinstance(spec, dict) or not isinstance(spec.get("command"), str):
        raise _failed(context, {}, "the field exec.command is missing")
    version = spec.get("apiVersion")
    if version not in _VERSIONS:
        raise _failed(context, spec, f"exec.apiVersion must be one of {', '.join(_VERSIONS)}")
    mode = spec.get("interactiveMode") or "IfAvailable"
    if mode not in _MODES:
        raise _failed(context, spec, f"exec.interactiveMode must be one of {', '.join(_MODES)}")
    if mode == "Always":
        raise _failed(
            context,
            spec,
            "it asks at a terminal (interactiveMode Always), and the Jupyter server has none",
        )
    command = spec["command"]
    if os.path.dirname(command) and not os.path.isabs(command):
        command = os.path.join(folder, command)
    try:
        answer = _run([command, *_arguments(spec)], _environment(spec, version, cluster), timeout)
    except subprocess.TimeoutExpired as error:
        raise _failed(context, spec, f"it did not end within {timeout:g} s") from error
    except OSError as error:
        raise _failed(context, spec, f"it cannot be run ({error.strerror})") from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _failed(
            context, spec, "exec.args must be a list, exec.env one of names and values"
        ) from error
    if answer.returncode != 0:
        said = answer.stderr.decode("utf-8", "replace").strip()[-1000:]
        raise _failed(context, spec, f"it ended with {answer.returncode}: {said or 'no message'}")
    return _parsed(context, spec, version, answer.stdout)


def _run(
    command: list[str], env: dict[str, str], timeout: float
) -> subprocess.CompletedProcess[bytes]:
    """As ``subprocess.run``, in a session of its own: what the plugin has started ends with it when its time is over."""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=env,
        start_new_session=True,
    ) as plugin:
        try:
            output, said = plugin.communicate(timeout=timeout)
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(plugin.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, plugin.returncode, output, said)


def _arguments(spec: dict[str, Any]) -> list[str]:
    return [str(argument) for argument in spec.get("args") or []]


def _environment(spec: dict[str, Any], version: str, cluster: dict[str, Any]) -> dict[str, str]:
    told: dict[str, Any] = {"interactive": False}
    if spec.get("provideClusterInfo"):
        told["cluster"] = cluster
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": told}
    own = {str(item["name"]): str(item["value"]) for item in spec.get("env") or []}
    return {**os.environ, **own, "KUBERNETES_EXEC_INFO": json.dumps(info)}


def _parsed(context: str, spec: dict[str, Any], version: str, output: bytes) -> PluginCredential:
    try:
        content = json.loads(output)
        status = content["status"]
        token = status.get("token")
        certificate, key = status.get("clientCertificateData"), status.get("clientKeyData")
        expires = _seconds(status.get("expirationTimestamp"))
        answered = content["apiVersion"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _failed(context, spec, "its output is not an ExecCredential") from error
    if answered != version:
        raise _failed(context, spec, f"it answered with apiVersion {answered}, not {version}")
    if bool(certificate) != bool(key):
        raise _failed(context, spec, "it gave only one of a client certificate and its key")
    if not token and not certificate:
        raise _failed(context, spec, "it gave neither a token nor a client certificate")
    if not all(
        isinstance(part, str) and "\0" not in part for part in (token, certificate, key) if part
    ) or (token and not (token.isascii() and token.isprintable())):
        raise _failed(context, spec, "its token or certificate is not text")
    return PluginCredential(token, certificate, key, expires)


def _seconds(stamp: Any) -> float | None:
    if not stamp:
        return None
    moment = instant(str(stamp))
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()


def _failed(context: str, spec: dict[str, Any], problem: str) -> KubeflowError:
    hint = spec.get("installHint")
    words = f" {hint.strip().rstrip('.')}." if isinstance(hint, str) and hint.strip() else ""
    return KubeflowError(
        f'The credential plugin "{os.path.basename(str(spec.get("command", "exec")))}" of the kubeconfig context "{context}" failed: '
        f"{problem}.{words} Run it in a terminal, log in again if it says so, and retry.",
        reason="Unauthorized",
        status=503,
        service="kubernetes",
    )
