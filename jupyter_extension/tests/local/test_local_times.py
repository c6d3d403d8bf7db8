"""Times as clients write them, on every Python that is supported."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from jupyterlab_kubeflow.local.pipelines.bodies import parse_time
from jupyterlab_kubeflow.local.wire_errors import ApiError


@pytest.mark.parametrize(
    ("text", "microsecond"),
    [
        ("2026-01-31T12:00:00Z", 0),
        ("2026-01-31T12:00:00", 0),
        ("2026-01-31T12:00:00.1Z", 100_000),
        ("2026-01-31T14:00:00.123456789+02:00", 123_456),
    ],
)
def test_times(text: str, microsecond: int) -> None:
    expected = datetime(2026, 1, 31, 12, 0, 0, microsecond, tzinfo=timezone.utc)
    assert parse_time(text, "created_at") == expected


def test_what_is_no_time_is_named() -> None:
    with pytest.raises(ApiError, match="created_at: 'noon' is not a time"):
        parse_time("noon", "created_at")
