"""Credentials never come back, however an answer is cut or packed."""

from __future__ import annotations

import gzip
import random
from typing import Any

import pytest
from jupyterlab_kubeflow.proxy.headers import upward
from jupyterlab_kubeflow.proxy.mask import Mask, PackedGuard

SECRET = "aab-aab-aac-credential"


def cuts(content: bytes, seed: int) -> list[bytes]:
    """The content in pieces."""
    rng = random.Random(seed)
    ends = sorted(rng.choices(range(len(content) + 1), k=rng.randint(0, 8)))
    return [content[a:b] for a, b in zip([0, *ends], [*ends, len(content)], strict=True)]


@pytest.mark.parametrize("seed", range(60))
def test_a_credential_is_masked_however_the_answer_is_cut(seed: int) -> None:
    content = b"aaab-aab-" + f"aab-{SECRET}{SECRET[:-1]}!{SECRET}".encode() + SECRET[:9].encode()
    mask = Mask((SECRET,))
    passed = b"".join([*(mask.feed(piece) for piece in cuts(content, seed)), mask.end()])
    assert passed == content.replace(SECRET.encode(), b"*" * len(SECRET))


def test_only_a_possible_beginning_is_held_back() -> None:
    mask = Mask((SECRET,))
    assert mask.feed(b"x aab-aa") == b"x "
    assert mask.feed(b"x\n") == b"aab-aax\n"
    assert mask.feed(b'{"a":1}\n') == b'{"a":1}\n'


@pytest.mark.parametrize("seed", range(20))
def test_a_packed_answer_passes_as_it_is_unless_it_holds_a_credential(seed: int) -> None:
    filler = random.Random(seed).randbytes(300_000) + b"0" * 2_000_000
    good = gzip.compress(b"one") + gzip.compress(filler + SECRET[:-1].encode())
    guard = PackedGuard((SECRET,))
    assert b"".join(guard.feed(piece) for piece in cuts(good, seed)) == good
    bad = gzip.compress(filler) + gzip.compress(filler + SECRET.encode() + filler)
    guard = PackedGuard((SECRET,))
    with pytest.raises(ValueError, match="credential"):
        [guard.feed(piece) for piece in cuts(bad, seed)]


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"Accept-Encoding": "gzip, deflate, br"}, "gzip"),
        ({"Accept-Encoding": "br, GZIP;q=0.5"}, "gzip"),
        ({"Accept-Encoding": "gzip;q=1.0"}, "gzip"),
        ({"Accept-Encoding": "gzip;q=0"}, "identity"),
        ({"Accept-Encoding": "gzip;q=0.0, br"}, "identity"),
        ({"Accept-Encoding": "xgzip, br"}, "identity"),
        ({}, "identity"),
    ],
)
def test_gzip_is_asked_for_where_the_browser_takes_it(given: dict[str, Any], sent: str) -> None:
    assert upward(given, "kubernetes")["Accept-Encoding"] == sent
    assert upward(given, "pipelines")["Accept-Encoding"] == "identity"
