"""What a task in PENDING waits for, in words: *Waiting for …*, with how many go first.

What is done for it meanwhile is told as *Preparing an environment …* and *Pulling the image …*. A task that waits for other tasks says
nothing: the graph shows it.
"""

from __future__ import annotations


def for_slot(ahead: int) -> str:
    """As many processes run as may at once."""
    return f"Waiting for a free slot ({ahead} ahead)"


def for_iteration(limit: int, ahead: int) -> str:
    """The loop runs ``limit`` iterations at once (``parallelism``)."""
    return f"Waiting for one of {limit} places in the loop ({ahead} ahead)"


def for_attempt(failed: int, attempts: int, seconds: float, failure: str) -> str:
    """Attempt ``failed`` of so many has failed, and the next one is due in so many seconds."""
    return f"Waiting {seconds:g} s for the next attempt. Attempt {failed} of {attempts} failed: {failure}"
