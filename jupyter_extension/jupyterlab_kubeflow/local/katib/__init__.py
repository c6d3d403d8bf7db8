"""Katib's Experiments, Suggestions and Trials, and Trainer's OptimizationJobs, with ``local.tuning`` as the search."""
