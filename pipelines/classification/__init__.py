"""The classification family: a text in, one label out."""
