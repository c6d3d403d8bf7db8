"""Where Local Kubeflow keeps its files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

HOME_VARIABLE = "KUBEFLOW_LOCAL_HOME"
"""Environment variable that overrides the folder of Local Kubeflow."""


def default_home() -> Path:
    """``KUBEFLOW_LOCAL_HOME``, else ``kubeflow/local`` in the user's data folder."""
    configured = os.environ.get(HOME_VARIABLE)
    if configured:
        return Path(configured).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("kubeflow", appauthor=False) / "local"


@dataclass(frozen=True)
class Home:
    """The folder of one Local Kubeflow and the names of the files in it."""

    root: Path

    @classmethod
    def of(cls, home: str | os.PathLike[str] | None) -> Home:
        """The given folder, or the default one."""
        return cls(Path(home).expanduser().absolute() if home is not None else default_home())

    def create(self) -> None:
        """Makes the folder and what holds data in it, readable by their owner only."""
        for folder in (self.root, self.runs, self.artifacts):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for database in (self.database, self.registry):
            os.close(os.open(database, os.O_RDWR | os.O_CREAT, 0o600))

    @property
    def server_file(self) -> Path:
        """Address, token and process id of the running server; mode 0600."""
        return self.root / "server.json"

    @property
    def crashed_file(self) -> Path:
        """The ``server.json`` of a crashed server, while its successor is coming up."""
        return self.root / "server.crashed.json"

    @property
    def authority(self) -> Path:
        """The certificate authority of the Kubernetes API, which its clients check it by."""
        return self.root / "kubernetes" / "ca.crt"

    @property
    def server_lock(self) -> Path:
        """Locked by the server as long as it lives."""
        return self.root / "server.lock"

    @property
    def start_lock(self) -> Path:
        """Locked by whoever is starting or stopping the server."""
        return self.root / "start.lock"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.root / "server.log"

    @property
    def database(self) -> Path:
        """SQLite database of all records."""
        return self.root / "state.db"

    @property
    def registry(self) -> Path:
        """SQLite database of the Model Registry."""
        return self.root / "registry.db"

    @property
    def runs(self) -> Path:
        """One folder a run, one folder a task in it: logs and working files."""
        return self.root / "runs"

    @property
    def environments(self) -> Path:
        """Python environments that stand in for images; made when needed."""
        return self.root / "environments"

    @property
    def artifacts(self) -> Path:
        """One folder a run: what its tasks have written."""
        return self.root / "artifacts"
