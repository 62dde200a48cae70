"""Hypothesis: the same examples on every run, and no limit on the time of one, which a busy machine would break."""

from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")
