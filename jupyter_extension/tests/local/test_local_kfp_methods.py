"""Every public method of the unmodified ``kfp.Client`` and of the Kubeflow SDK's ``PipelinesClient``.

The methods are found by introspection: one that a new release brings has no use here yet, and its test fails. A use of a method is the function
in this module that bears its name.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kfp
import kfp_server_api
import pytest
from jupyterlab_kubeflow.local.process import LocalStatus
from kubeflow.pipelines import KubernetesBackendConfig, PipelinesClient
from local_pipelines import adder, waiter

MULTI_USER_ONLY = {"get_user_namespace", "set_user_namespace"}
"""They keep a namespace in a file of the user's, for servers with several users."""


def public(client: type) -> list[str]:
    """The names of its public methods."""
    return sorted(
        name for name, _ in inspect.getmembers(client, inspect.isfunction) if name[0] != "_"
    )


@dataclass
class Scene:
    """What the uses share: the clients, a compiled pipeline, and names that nobody else has."""

    kfp: Any
    sdk: Any
    file: str
    gate: Path
    name: str

    def experiment(self) -> Any:
        return self.kfp.create_experiment(self.name)

    def pipeline(self) -> Any:
        return self.kfp.upload_pipeline(self.file, self.name)

    def run(self) -> str:
        """A run that has succeeded."""
        result = self.kfp.create_run_from_pipeline_package(self.file, arguments={"x": 1})
        return str(self.ended(result.run_id).run_id)

    def endless(self) -> str:
        """A run that waits for the gate."""
        arguments = {"gate": str(self.gate)}
        return str(self.kfp.create_run_from_pipeline_func(waiter, arguments=arguments).run_id)

    def ended(self, run_id: str) -> Any:
        run = self.kfp.wait_for_run_completion(run_id, 120, 0.1)
        assert run.state == "SUCCEEDED", run.error
        return run

    def until(self, run_id: str, state: str) -> None:
        while self.kfp.get_run(run_id).state != state:
            time.sleep(0.05)

    def recurring(self) -> Any:
        """One that is due in a thousand years."""
        return self.kfp.create_recurring_run(
            self.experiment().experiment_id,
            self.name,
            interval_second=3600,
            start_time="3000-01-01T00:00:00Z",
            pipeline_package_path=self.file,
            params={"x": 1},
        )


@pytest.fixture(scope="module")
def clients(client: Any, local_kubeflow: LocalStatus) -> tuple[Any, Any]:
    config = KubernetesBackendConfig(
        base_url=local_kubeflow.services["pipelines"],
        user_token=local_kubeflow.token,
        namespace="kubeflow",
    )
    return client, PipelinesClient(config)


@pytest.fixture
def scene(
    clients: tuple[Any, Any], adder_file: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Scene]:
    made = Scene(*clients, str(adder_file), tmp_path / "gate", request.node.name)
    yield made
    made.gate.touch()


def use(group: type, name: str) -> Callable[[Scene], None]:
    found = getattr(group, name, None)
    assert found, f"No test uses {name} yet: add it to {group.__name__}."
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", sorted(set(public(kfp.Client)) - MULTI_USER_ONLY))
def test_kfp_client(scene: Scene, name: str) -> None:
    use(Kfp, name)(scene)


@pytest.mark.parametrize("name", public(PipelinesClient))
def test_pipelines_client(scene: Scene, name: str) -> None:
    use(Sdk, name)(scene)


def gone(call: Callable[[], Any]) -> None:
    with pytest.raises(kfp_server_api.ApiException) as missing:
        call()
    assert missing.value.status == 404


class Kfp:
    """The uses of ``kfp.Client``."""

    def archive_experiment(scene: Scene) -> None:
        made = scene.experiment().experiment_id
        scene.kfp.archive_experiment(made)
        assert scene.kfp.get_experiment(made).storage_state == "ARCHIVED"

    def unarchive_experiment(scene: Scene) -> None:
        made = scene.experiment().experiment_id
        scene.kfp.archive_experiment(made)
        scene.kfp.unarchive_experiment(made)
        assert scene.kfp.get_experiment(made).storage_state == "AVAILABLE"

    def create_experiment(scene: Scene) -> None:
        made = scene.kfp.create_experiment(scene.name, "what for", namespace="kubeflow")
        assert (made.display_name, made.description) == (scene.name, "what for")
        assert scene.kfp.create_experiment(scene.name) == made

    def get_experiment(scene: Scene) -> None:
        made = scene.experiment()
        assert scene.kfp.get_experiment(made.experiment_id) == made
        assert scene.kfp.get_experiment(experiment_name=scene.name, namespace="kubeflow") == made

    def list_experiments(scene: Scene) -> None:
        made = scene.experiment()
        listed = scene.kfp.list_experiments(
            page_size=1, sort_by="created_at desc", namespace="kubeflow"
        )
        assert listed.experiments == [made]
        assert listed.next_page_token

    def delete_experiment(scene: Scene) -> None:
        made = scene.experiment().experiment_id
        scene.kfp.delete_experiment(made)
        gone(lambda: scene.kfp.get_experiment(made))

    def upload_pipeline(scene: Scene) -> None:
        made = scene.kfp.upload_pipeline(scene.file, scene.name, "adds", "kubeflow")
        assert (made.name, made.display_name, made.description) == (scene.name, scene.name, "adds")

    def upload_pipeline_from_pipeline_func(scene: Scene) -> None:
        made = scene.kfp.upload_pipeline_from_pipeline_func(adder, scene.name)
        versions = scene.kfp.list_pipeline_versions(made.pipeline_id).pipeline_versions
        assert versions[0].pipeline_spec["pipelineInfo"]["name"] == "adder"

    def upload_pipeline_version(scene: Scene) -> None:
        made = scene.pipeline()
        version = scene.kfp.upload_pipeline_version(
            scene.file, "v2", pipeline_name=scene.name, description="second"
        )
        assert (version.pipeline_id, version.description) == (made.pipeline_id, "second")

    def upload_pipeline_version_from_pipeline_func(scene: Scene) -> None:
        made = scene.pipeline().pipeline_id
        version = scene.kfp.upload_pipeline_version_from_pipeline_func(adder, "v2", made)
        assert version.display_name == "v2"

    def get_pipeline(scene: Scene) -> None:
        made = scene.pipeline()
        assert scene.kfp.get_pipeline(made.pipeline_id) == made

    def get_pipeline_id(scene: Scene) -> None:
        assert scene.kfp.get_pipeline_id(scene.name) is None
        made = scene.pipeline().pipeline_id
        assert scene.kfp.get_pipeline_id(scene.name) == made

    def list_pipelines(scene: Scene) -> None:
        made = scene.pipeline()
        assert made in scene.kfp.list_pipelines(page_size=200, namespace="kubeflow").pipelines

    def get_pipeline_version(scene: Scene) -> None:
        made = scene.pipeline().pipeline_id
        version = scene.kfp.list_pipeline_versions(made).pipeline_versions[0]
        assert scene.kfp.get_pipeline_version(made, version.pipeline_version_id) == version

    def list_pipeline_versions(scene: Scene) -> None:
        made = scene.pipeline().pipeline_id
        scene.kfp.upload_pipeline_version(scene.file, "v2", made)
        first = scene.kfp.list_pipeline_versions(made, page_size=1, sort_by="name")
        rest = scene.kfp.list_pipeline_versions(made, first.next_page_token, 1, "name")
        names = [one.pipeline_versions[0].display_name for one in (first, rest)]
        assert names == sorted([scene.name, "v2"])
        assert (rest.total_size, rest.next_page_token) == (2, None)

    def delete_pipeline_version(scene: Scene) -> None:
        made = scene.pipeline().pipeline_id
        version = scene.kfp.list_pipeline_versions(made).pipeline_versions[0].pipeline_version_id
        scene.kfp.delete_pipeline_version(made, version)
        assert scene.kfp.list_pipeline_versions(made).pipeline_versions is None

    def delete_pipeline(scene: Scene) -> None:
        made = scene.pipeline().pipeline_id
        version = scene.kfp.list_pipeline_versions(made).pipeline_versions[0].pipeline_version_id
        with pytest.raises(kfp_server_api.ApiException, match="cascade"):
            scene.kfp.delete_pipeline(made)
        scene.kfp.delete_pipeline_version(made, version)
        scene.kfp.delete_pipeline(made)
        gone(lambda: scene.kfp.get_pipeline(made))

    def run_pipeline(scene: Scene) -> None:
        experiment = scene.experiment().experiment_id
        pipeline = scene.pipeline().pipeline_id
        version = scene.kfp.list_pipeline_versions(pipeline).pipeline_versions[0]
        run = scene.kfp.run_pipeline(
            experiment,
            scene.name,
            params={"x": 2},
            pipeline_id=pipeline,
            version_id=version.pipeline_version_id,
            service_account="someone",
        )
        assert run.experiment_id == experiment
        assert run.pipeline_version_reference.pipeline_version_id == version.pipeline_version_id
        assert run.service_account == "someone"
        assert scene.ended(run.run_id).runtime_config.parameters == {"x": 2}

    def create_run_from_pipeline_func(scene: Scene) -> None:
        result = scene.kfp.create_run_from_pipeline_func(
            adder, {"x": 3}, scene.name, experiment_name=scene.name, enable_caching=False
        )
        run = scene.ended(result.run_id)
        assert run.display_name == scene.name
        assert run.experiment_id == scene.experiment().experiment_id

    def create_run_from_pipeline_package(scene: Scene) -> None:
        result = scene.kfp.create_run_from_pipeline_package(
            scene.file,
            {"x": 4},
            scene.name,
            experiment_id=scene.experiment().experiment_id,
            pipeline_root=None,
        )
        assert result.wait_for_run_completion(120).state == "SUCCEEDED"

    def get_run(scene: Scene) -> None:
        run_id = scene.run()
        run = scene.kfp.get_run(run_id)
        assert run.run_id == run_id
        assert {one.state for one in run.run_details.task_details} == {"SUCCEEDED"}

    def list_runs(scene: Scene) -> None:
        experiment = scene.experiment().experiment_id
        assert scene.kfp.list_runs(experiment_id=experiment).runs is None
        run = scene.kfp.run_pipeline(experiment, scene.name, scene.file, {"x": 1})
        listed = scene.kfp.list_runs(experiment_id=experiment, namespace="kubeflow")
        assert [one.run_id for one in listed.runs] == [run.run_id]

    def wait_for_run_completion(scene: Scene) -> None:
        run_id = scene.endless()
        with pytest.raises(TimeoutError):
            scene.kfp.wait_for_run_completion(run_id, 0.1, 0.2)
        scene.gate.touch()
        assert scene.kfp.wait_for_run_completion(run_id, 120, 0.1).state == "SUCCEEDED"

    def terminate_run(scene: Scene) -> None:
        run_id = scene.endless()
        scene.kfp.terminate_run(run_id)
        scene.until(run_id, "CANCELED")

    def archive_run(scene: Scene) -> None:
        run_id = scene.run()
        scene.kfp.archive_run(run_id)
        assert scene.kfp.get_run(run_id).storage_state == "ARCHIVED"

    def unarchive_run(scene: Scene) -> None:
        run_id = scene.run()
        scene.kfp.archive_run(run_id)
        scene.kfp.unarchive_run(run_id)
        assert scene.kfp.get_run(run_id).storage_state == "AVAILABLE"

    def delete_run(scene: Scene) -> None:
        run_id = scene.endless()
        scene.kfp.delete_run(run_id)
        gone(lambda: scene.kfp.get_run(run_id))

    def create_recurring_run(scene: Scene) -> None:
        made = scene.recurring()
        assert (made.display_name, made.status) == (scene.name, "ENABLED")

    def get_recurring_run(scene: Scene) -> None:
        made = scene.recurring()
        assert scene.kfp.get_recurring_run(made.recurring_run_id) == made

    def list_recurring_runs(scene: Scene) -> None:
        made = scene.recurring()
        listed = scene.kfp.list_recurring_runs(experiment_id=made.experiment_id)
        assert listed.recurring_runs == [made]

    def disable_recurring_run(scene: Scene) -> None:
        Kfp._switch(scene, scene.kfp.disable_recurring_run, scene.kfp.enable_recurring_run)

    enable_recurring_run = disable_recurring_run

    def disable_job(scene: Scene) -> None:
        Kfp._switch(scene, scene.kfp.disable_job, scene.kfp.enable_job)

    enable_job = disable_job

    def _switch(scene: Scene, off: Callable[[str], Any], on: Callable[[str], Any]) -> None:
        made = scene.recurring().recurring_run_id
        off(made)
        assert scene.kfp.get_recurring_run(made).status == "DISABLED"
        on(made)
        assert scene.kfp.get_recurring_run(made).status == "ENABLED"

    def delete_recurring_run(scene: Scene) -> None:
        made = scene.recurring().recurring_run_id
        scene.kfp.delete_recurring_run(made)
        gone(lambda: scene.kfp.get_recurring_run(made))

    def delete_job(scene: Scene) -> None:
        made = scene.recurring().recurring_run_id
        scene.kfp.delete_job(made)
        gone(lambda: scene.kfp.get_recurring_run(made))

    def get_kfp_healthz(scene: Scene) -> None:
        assert scene.kfp.get_kfp_healthz().multi_user is False


class Sdk:
    """The uses of ``PipelinesClient``."""

    def create_experiment(scene: Scene) -> None:
        made = scene.sdk.create_experiment(scene.name, description="what for")
        assert made.description == "what for"
        assert scene.sdk.create_experiment(scene.name) == made

    def get_experiment(scene: Scene) -> None:
        with pytest.raises(ValueError, match="not found"):
            scene.sdk.get_experiment(scene.name)
        assert scene.sdk.get_experiment(scene.experiment().display_name).display_name == scene.name

    def list_experiments(scene: Scene) -> None:
        made = scene.experiment()
        found, token = [], ""
        while token is not None:
            page = scene.sdk.list_experiments(page_size=3, page_token=token)
            found += page.experiments
            token = page.next_page_token
        assert made in found
        assert len({one.experiment_id for one in found}) == len(found) == page.total_size

    def delete_experiment(scene: Scene) -> None:
        scene.experiment()
        scene.sdk.delete_experiment(scene.name)
        with pytest.raises(ValueError, match="not found"):
            scene.sdk.get_experiment(scene.name)

    def upload_pipeline(scene: Scene) -> None:
        """The first version is uploaded with the pipeline and then given its name, which is a PATCH."""
        first = scene.sdk.upload_pipeline(adder, name=scene.name, version="one", description="adds")
        assert (first.display_name, first.name) == ("one", scene.name)
        second = scene.sdk.upload_pipeline(scene.file, name=scene.name, version="two")
        assert second.pipeline_id == first.pipeline_id
        assert second.display_name == "two"
        assert scene.sdk.get_pipeline(scene.name).description == "adds"

    def get_pipeline(scene: Scene) -> None:
        with pytest.raises(ValueError, match="not found"):
            scene.sdk.get_pipeline(scene.name)
        assert scene.sdk.get_pipeline(scene.pipeline().name).display_name == scene.name

    def get_pipeline_version(scene: Scene) -> None:
        made = scene.sdk.upload_pipeline(scene.file, name=scene.name, version="one")
        assert scene.sdk.get_pipeline_version(scene.name, "one") == made
        with pytest.raises(ValueError, match="not found"):
            scene.sdk.get_pipeline_version(scene.name, "two")

    def list_pipelines(scene: Scene) -> None:
        assert scene.pipeline() in scene.sdk.list_pipelines(page_size=200).pipelines

    def list_pipeline_versions(scene: Scene) -> None:
        scene.pipeline()
        listed = scene.sdk.list_pipeline_versions(scene.name)
        assert [one.display_name for one in listed.pipeline_versions] == [scene.name]

    def delete_pipeline(scene: Scene) -> None:
        scene.sdk.upload_pipeline(scene.file, name=scene.name, version="one")
        scene.sdk.upload_pipeline(scene.file, name=scene.name, version="two")
        scene.sdk.upload_pipeline(scene.file, name=scene.name, version="three")
        scene.sdk.delete_pipeline(scene.name, version="two")
        with pytest.raises(ValueError, match="force"):
            scene.sdk.delete_pipeline(scene.name)
        scene.sdk.delete_pipeline(scene.name, force=True)
        with pytest.raises(ValueError, match="not found"):
            scene.sdk.get_pipeline(scene.name)

    def run(scene: Scene) -> None:
        """By name, by name and version, by object, by function and by file."""
        scene.experiment()
        version = scene.sdk.upload_pipeline(scene.file, name=scene.name, version="one")
        pipeline = scene.sdk.get_pipeline(scene.name)
        for what, more in (
            (scene.name, {}),
            (scene.name, {"version": "one"}),
            (pipeline, {"experiment": scene.name}),
            (version, {}),
            (adder, {}),
            (scene.file, {"name": scene.name}),
        ):
            run = scene.sdk.run(what, params={"x": 1}, **more)
            assert scene.ended(run.run_id).runtime_config.parameters == {"x": 1}

    def get_run(scene: Scene) -> None:
        run_id = scene.run()
        assert scene.sdk.get_run(run_id).run_id == run_id

    def list_runs(scene: Scene) -> None:
        scene.experiment()
        scene.pipeline()
        run = scene.sdk.run(scene.name, params={"x": 1}, experiment=scene.name)
        scene.ended(run.run_id)
        listed = scene.sdk.list_runs(pipeline=scene.name, experiment=scene.name, status="succeeded")
        assert [one.run_id for one in listed.runs] == [run.run_id]
        assert not scene.sdk.list_runs(experiment=scene.name, status="failed").runs

    def wait_for_run_status(scene: Scene) -> None:
        run_id = scene.endless()
        seen: list[Any] = []
        running = scene.sdk.wait_for_run_status(
            run_id, status={"running"}, polling_interval=1, callbacks=[seen.append]
        )
        assert (running.state, seen) == ("RUNNING", [running])
        scene.gate.touch()
        done = scene.sdk.wait_for_run_status(running, polling_interval=1, timeout=120)
        assert done.state == "SUCCEEDED"


def test_the_multi_user_methods_are_methods() -> None:
    assert set(public(kfp.Client)) >= MULTI_USER_ONLY
    for group, client in ((Kfp, kfp.Client), (Sdk, PipelinesClient)):
        assert set(public(group)) == set(public(client)) - MULTI_USER_ONLY


def test_the_sdks_own_kfp_client(scene: Scene) -> None:
    assert isinstance(scene.sdk.kfp_client, kfp.Client)
    assert scene.sdk.kfp_client.get_kfp_healthz().multi_user is False
