"""The Jupyter server extension: its settings and its routes.

Loaded at every start of a Jupyter server, so it imports nothing that is not loaded already or small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, CFloat, CInt, TraitError

from .connections.handlers import ConnectionHandler
from .connections.manager import ConnectionManager, Timeouts
from .katib.handlers import ObservationsHandler
from .katib.observations import DbManager
from .models.handlers import handlers as model_handlers
from .notebook.handlers import handlers as notebook_handlers
from .proxy.handler import ProxyHandler
from .proxy.limits import KubernetesLimits, Limits
from .proxy.names import GROUPS, NAMESPACES, RESOURCES, VERBS, Names
from .proxy.streams import StreamSocket

if TYPE_CHECKING:
    from traitlets.config import Config

_LIMITS = Limits()
_KUBERNETES = KubernetesLimits()
_TIMEOUTS = Timeouts()


def handlers() -> list[tuple[str, type]]:
    """All routes of the extension: patterns below the server's base URL, and their handlers."""
    return [
        (r"/kubeflow/connection", ConnectionHandler),
        (r"/kubeflow/proxy/(.*)", ProxyHandler),
        (r"/kubeflow/streams", StreamSocket),
        (r"/kubeflow/katib/observations", ObservationsHandler),
        *notebook_handlers(),
        *model_handlers(),
    ]


class KubeflowExtension(ExtensionApp):
    """Connects JupyterLab with Kubeflow: connections, proxy, streams and notebook conversion."""

    name = "jupyterlab_kubeflow"

    max_request_bytes = CInt(
        _LIMITS.request_bytes,
        min=1,
        help="Largest request body that is forwarded, in bytes.",
    ).tag(config=True)

    connect_timeout = CFloat(_LIMITS.connect, min=0.001, help="Seconds to reach a service.").tag(
        config=True
    )

    response_timeout = CFloat(
        _LIMITS.first_byte,
        min=0.001,
        help="Seconds from the end of a request to the first byte of its answer.",
    ).tag(config=True)

    idle_timeout = CFloat(
        _LIMITS.idle,
        min=0.001,
        help="Seconds that an answer or an upload may pause.",
    ).tag(config=True)

    stream_idle_timeout = CFloat(
        _LIMITS.stream_idle,
        min=0.001,
        help="Seconds that a followed log or a watch may be silent.",
    ).tag(config=True)

    max_streams = CInt(
        _LIMITS.streams, min=1, help="Streams at the same time for one browser tab."
    ).tag(config=True)

    max_line_bytes = CInt(
        _LIMITS.line_bytes,
        min=1,
        help="Longest line of a stream of JSON lines, in bytes.",
    ).tag(config=True)

    discovery_timeout = CFloat(
        _TIMEOUTS.probe,
        min=0.001,
        help="Seconds for one request that looks for a component of a cluster.",
    ).tag(config=True)

    state_timeout = CFloat(
        _TIMEOUTS.wait,
        min=0.001,
        help="Seconds that reading the connection waits for a slow cluster before it says so.",
    ).tag(config=True)

    plugin_timeout = CFloat(
        _TIMEOUTS.plugin,
        min=0.001,
        help="Seconds that a credential plugin of a kubeconfig may take.",
    ).tag(config=True)

    local_start_timeout = CFloat(
        _TIMEOUTS.start,
        min=0.001,
        help="Seconds that Local Kubeflow may take to start.",
    ).tag(config=True)

    kubernetes_groups = Names(
        GROUPS,
        default_value=list(_KUBERNETES.groups),
        help="API groups that pass to the Kubernetes API; the empty string is the core group.",
    ).tag(config=True)

    kubernetes_verbs = Names(
        VERBS,
        default_value=list(_KUBERNETES.verbs),
        help="Verbs (get, list, watch, create, update, patch, delete, deletecollection) that pass to the Kubernetes API.",
    ).tag(config=True)

    kubernetes_namespaces = Names(
        NAMESPACES,
        default_value=list(_KUBERNETES.namespaces),
        help="Namespaces that pass to the Kubernetes API; * is all. Without it, nothing is listed or watched over all namespaces.",
    ).tag(config=True)

    kubernetes_writable = Names(
        RESOURCES,
        default_value=list(_KUBERNETES.writable),
        help="What may be changed over the Kubernetes API: RESOURCE.GROUP or *.GROUP, RESOURCE or * for the core group.",
    ).tag(config=True)

    kubernetes_secrets = Bool(
        _KUBERNETES.secrets,
        help="Whether Secrets may be read over the Kubernetes API, and changed when kubernetes_writable names them.",
    ).tag(config=True)

    kubernetes_impersonation = Bool(
        False,
        help="Whether a kubeconfig may ask to act as another user, group or uid (as, as-uid, as-groups, as-user-extra).",
    ).tag(config=True)

    def update_config(self, config: Config) -> None:
        """Takes settings over. One that cannot be used ends the server, as one of Jupyter's own does: its default might let more pass than it says."""
        try:
            super().update_config(config)
        except TraitError as error:
            self.log.critical("jupyterlab_kubeflow: %s", error)
            self.exit(1)

    def initialize_settings(self) -> None:
        """Makes the connections and limits that the handlers use."""
        self.connections = ConnectionManager(
            Timeouts(
                connect=self.connect_timeout,
                probe=self.discovery_timeout,
                wait=self.state_timeout,
                plugin=self.plugin_timeout,
                start=self.local_start_timeout,
            ),
            impersonation=self.kubernetes_impersonation,
            namespaces=self.kubernetes_namespaces,
        )
        self.db_manager = DbManager()
        self.settings["kubeflow_connections"] = self.connections
        self.settings["kubeflow_db_manager"] = self.db_manager
        self.settings["kubeflow_limits"] = Limits(
            request_bytes=self.max_request_bytes,
            connect=self.connect_timeout,
            first_byte=self.response_timeout,
            idle=self.idle_timeout,
            stream_idle=self.stream_idle_timeout,
            streams=self.max_streams,
            line_bytes=self.max_line_bytes,
            kubernetes=KubernetesLimits(
                groups=tuple(self.kubernetes_groups),
                verbs=tuple(self.kubernetes_verbs),
                namespaces=tuple(self.kubernetes_namespaces),
                writable=tuple(self.kubernetes_writable),
                secrets=self.kubernetes_secrets,
            ),
        )

    def initialize_handlers(self) -> None:
        """Adds the routes."""
        self.handlers.extend(handlers())

    async def stop_extension(self) -> None:
        """Closes the connections to upstreams. Local Kubeflow goes on."""
        manager: Any = getattr(self, "connections", None)
        if manager is not None:
            await manager.close()
            self.db_manager.close()
