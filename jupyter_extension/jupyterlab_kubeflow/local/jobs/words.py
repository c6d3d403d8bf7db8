"""Why a pod does not run here, for whoever reads the object."""

from __future__ import annotations


class CannotSchedule(Exception):
    """The pod waits: this machine does not have what it asks for. The message names the field and says what to do."""


class CannotCreate(Exception):
    """A container waits: its configuration names what is not there. ``reason`` is the kubelet's."""

    def __init__(self, message: str, reason: str = "CreateContainerConfigError") -> None:
        super().__init__(message)
        self.reason = reason


class CannotStart(Exception):
    """A container has failed before its command began, as with a program that is not there."""
