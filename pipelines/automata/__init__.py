"""Automata read off a classifier's states: clusters, the reading, the picture."""
