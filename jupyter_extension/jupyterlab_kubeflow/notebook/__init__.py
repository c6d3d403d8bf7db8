"""Notebook → pipeline: parameters, compilation, execution and their doors (``api``, ``handlers``, ``commands``)."""
