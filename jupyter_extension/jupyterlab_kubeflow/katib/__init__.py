"""Asking Katib's db-manager for what trials have reported, and the route by which the browser does."""
