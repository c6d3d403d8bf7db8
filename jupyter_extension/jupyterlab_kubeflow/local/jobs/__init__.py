"""Pods and Jobs of the Kubernetes API as processes of this machine."""
