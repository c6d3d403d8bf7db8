"""Models in files: what format they have, how they are called by a URI, what a registry should know of them.

Nothing here loads a model. Files are read as data, within limits, and a file that is damaged is said to be so.
"""
