"""Local Kubeflow's Kubernetes API: one generic resource store behind discovery, CRUD, watch, logs and events, for the kinds in ``kinds``."""
