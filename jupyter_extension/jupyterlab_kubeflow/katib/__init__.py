"""Katib's db-manager: what it says on the wire, asking it, and the route by which the browser does."""
