"""The language family: a text in, the probability of each of its units out; and texts that may come next."""
