"""Executes pipelines as processes of this machine. See :class:`.engine.Engine`; it knows only :mod:`.recorder`, not the store."""
