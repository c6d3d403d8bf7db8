"""Connections: profiles, credentials and discovery of components. Imports neither jupyter_server nor tornado, except in ``handlers``."""
