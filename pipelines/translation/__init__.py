"""The translation family: a text in, its translation out."""
