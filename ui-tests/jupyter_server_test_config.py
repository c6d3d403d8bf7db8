"""Configuration of the JupyterLab server that Galata drives. Never use it for anything else: it asks for no token."""

from jupyterlab.galata import configure_jupyter_server

configure_jupyter_server(c)  # noqa: F821
