"""Lists of the Model Registry: pages, order and what they are of."""

from __future__ import annotations

import base64

import pytest
from registry_support import Api, refused


@pytest.fixture
def versions(api: Api, model: str) -> list[str]:
    """The ids of seven versions, of which the first was changed last."""
    made = [
        str(api.make("model_versions", name=f"v{number}", registeredModelId=model)["id"])
        for number in range(7)
    ]
    api.edit(f"model_versions/{made[0]}", author="me")
    return made


@pytest.mark.parametrize("order", ["", "ID", "CREATE_TIME", "LAST_UPDATE_TIME"])
@pytest.mark.parametrize("direction", ["", "ASC", "DESC"])
@pytest.mark.parametrize("size", [1, 3, 7, 8])
def test_pages_have_every_version_once_and_in_order(
    api: Api, model: str, versions: list[str], order: str, direction: str, size: int
) -> None:
    path = f"registered_models/{model}/versions"
    pages = list(api.pages(path, pageSize=size, orderBy=order, sortOrder=direction))
    assert all(page["pageSize"] == size and page["size"] == len(page["items"]) for page in pages)
    assert len(pages) == -(-7 // size)
    expected = versions[1:] + versions[:1] if order == "LAST_UPDATE_TIME" else versions
    listed = [item["id"] for page in pages for item in page["items"]]
    assert listed == (expected[::-1] if direction == "DESC" else expected)


def test_a_list_without_a_size_has_all(api: Api, model: str, versions: list[str]) -> None:
    for size in ("0", "-1", ""):
        page = api.read(f"registered_models/{model}/versions", pageSize=size)
        assert [item["id"] for item in page["items"]] == versions
        assert (page["nextPageToken"], page["pageSize"], page["size"]) == ("", 0, 7)


def test_what_comes_between_two_pages_is_on_the_last(
    api: Api, model: str, versions: list[str]
) -> None:
    pages = api.pages(f"registered_models/{model}/versions", pageSize=4)
    first = next(pages)
    late = api.make("model_versions", name="late", registeredModelId=model)["id"]
    listed = [item["id"] for page in (first, *pages) for item in page["items"]]
    assert listed == [*versions, late]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"pageSize": "many"}, "pageSize"),
        ({"pageSize": "2147483648"}, "pageSize"),
        ({"orderBy": "NAME"}, "CREATE_TIME"),
        ({"sortOrder": "UP"}, "ASC, DESC"),
        ({"nextPageToken": "?"}, "nextPageToken"),
        ({"nextPageToken": "é"}, "nextPageToken"),
        ({"nextPageToken": base64.b64encode(b"a:b").decode()}, "nextPageToken"),
        ({"nextPageToken": base64.b64encode(b"99999999999999999999:1").decode()}, "nextPageToken"),
        ({"filterQuery": "\0"}, "null bytes"),
    ],
)
def test_a_page_that_is_none_is_refused(api: Api, query: dict[str, str], words: str) -> None:
    for path in ("registered_models", "artifacts", "experiment_runs/metric_history"):
        refused(api.get(f"/{path}", params=query), 400, words)


def test_a_list_of_artifacts_of_no_type_is_refused(api: Api) -> None:
    refused(api.get("/artifacts", params={"artifactType": "null"}), 400, "artifactType")


def test_filters_and_pages_work_together(api: Api, model: str, versions: list[str]) -> None:
    path = f"registered_models/{model}/versions"
    query = "name IN ('v1','v2','v3') AND name != 'v2'"
    pages = list(api.pages(path, filterQuery=query, pageSize=1, orderBy="CREATE_TIME"))
    assert [item["name"] for page in pages for item in page["items"]] == ["v1", "v3"]
    assert api.ids(path, name="v4") == [versions[4]]
    refused(api.get(f"/{path}", params={"filterQuery": "name ="}), 400)


def test_each_kind_can_be_filtered(api: Api, run: str, version: str) -> None:
    for path in (
        "registered_models",
        "model_versions",
        "artifacts",
        "model_artifacts",
        "serving_environments",
        "inference_services",
        "inference_services/1/serves",
        "experiments",
        "experiment_runs",
        "experiment_runs/metric_history",
        f"model_versions/{version}/artifacts",
        f"experiment_runs/{run}/artifacts",
        f"experiment_runs/{run}/metric_history",
    ):
        assert api.ids(path, filterQuery="name = 'nobody has this name'") == []
