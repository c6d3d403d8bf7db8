"""Recurring runs: when they are due, and who creates them then."""
