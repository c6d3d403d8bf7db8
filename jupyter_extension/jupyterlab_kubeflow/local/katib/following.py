"""Reads what a Trial reports while it runs, keeps it, and says when it is to be stopped."""

from __future__ import annotations

import asyncio
from typing import Any

from jupyterlab_kubeflow.local.tuning import Objective, Watch

from . import metrics
from .metrics import Log
from .observations import Observations
from .sources import Places, Source

Body = dict[str, Any]


class Follower:
    """One Trial. What was read before, by an earlier server too, is taken once only."""

    def __init__(self, trial: Body, places: Places, observations: Observations) -> None:
        self.trial = trial
        self.stopped = False
        """Whether all its early stopping rules are met."""

        spec = trial["spec"]
        self._places = places
        self._observations = observations
        self._sources: dict[str, Source] = {}
        self._lock = asyncio.Lock()
        rules = spec.get("earlyStoppingRules") or []
        asked = spec["objective"]
        objective = Objective(asked["objectiveMetricName"], asked.get("type", "maximize"))
        self._watch = Watch(rules, objective) if rules else None
        self._pushes = spec["metricsCollector"]["collector"]["kind"] == "Push"

    @property
    def urgent(self) -> bool:
        """Whether it may be stopped early."""
        return self._watch is not None

    async def read(self, pods: list[Body], *, whole: bool = False) -> None:
        """Takes what is new. ``whole``: they have ended, so that the last line is whole, too."""
        async with self._lock:
            await asyncio.to_thread(self._read, pods, whole)

    async def finish(self, pods: list[Body]) -> list[Log]:
        """Takes all that is left; returns the whole series."""
        await self.read(pods, whole=True)
        return await asyncio.to_thread(self._observations.series, self.trial)

    def _read(self, pods: list[Body], whole: bool) -> None:
        uid = self.trial["metadata"]["uid"]
        found = self._places.of(self.trial, pods)
        if self._pushes:
            return  # its logs are kept, and it reports itself
        if self._sources and {each.key for each in found} - {*self._sources}:
            self._observations.only(uid, [each.key for each in found])
        for each in found:
            self._sources.setdefault(each.key, each).path = each.path
        here = {each.key for each in found} or {*self._sources}
        for source in [self._sources[key] for key in here]:
            new = source.more(whole=whole)
            self._observations.put(uid, source.key, source.count, new)
            source.count += len(new)
            for log in new if self._watch else ():
                value = metrics.number(log.value)
                if self._watch and value is not None:
                    self.stopped = self._watch.report(log.metric, value)
