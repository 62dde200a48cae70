"""Recurrent sequence models, from a file of text to a SavedModel, on Keras 3 and TensorFlow."""

__version__ = "0.1.0"
