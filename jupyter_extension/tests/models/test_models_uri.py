"""Storage URIs: the table of cases that the form's rules (``src/ui/storageUri.ts``) are held to as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyterlab_kubeflow.models.uri import UriProblem, file_uri, storage_uri

CASES = json.loads((Path(__file__).parent / "uris.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["given"][:60])
def test_reads_as_the_form_does(case: dict[str, Any]) -> None:
    if "message" in case:
        with pytest.raises(UriProblem) as caught:
            storage_uri(case["given"])
        assert (caught.value.part, caught.value.message) == (case["part"], case["message"])
        assert caught.value.details == {"field": "uri", "part": case["part"]}
        return
    found = storage_uri(case["given"])
    assert (found.scheme, found.uri, found.parts) == (case["scheme"], case["uri"], case["parts"])
    assert storage_uri(found.uri) == found


@given(
    st.text()
    | st.sampled_from([each["given"] for each in CASES]).flatmap(
        lambda text: st.tuples(st.just(text), st.integers(0, len(text)), st.text(max_size=3)).map(
            lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] + 1 :]
        )
    )
)
def test_whatever_is_given_is_a_uri_or_a_problem_in_words(text: str) -> None:
    problem = None
    try:
        found = storage_uri(text)
    except UriProblem as raised:
        problem = raised
    if problem:
        assert problem.part
        assert problem.message.endswith(".")
    else:
        assert storage_uri(found.uri) == found


@given(st.text(st.characters(codec="utf-8", exclude_characters="/", min_codepoint=32), min_size=1))
def test_a_path_comes_back_from_its_uri(name: str) -> None:
    path = f"/models/{name}"
    if name == ".." or "\x7f" in name:
        return
    assert storage_uri(file_uri(path)).parts["path"] == path
