"""Hyperparameter search: reads what an Experiment or OptimizationJob asks for, proposes trials, and says which to stop early.

Pure: it knows neither the store nor the API server. Optuna and the other libraries are imported when a search begins.
"""

from .early_stopping import MedianStop, Rule, Watch, rules_from, stops
from .experiments import problems
from .searcher import Answer, Past, Searcher
from .study import Algorithm, Invalid, Objective, Parameter, Study

__all__ = [
    "Algorithm",
    "Answer",
    "Invalid",
    "MedianStop",
    "Objective",
    "Parameter",
    "Past",
    "Rule",
    "Searcher",
    "Study",
    "Watch",
    "problems",
    "rules_from",
    "stops",
]
