"""Data: the door that withholds locations, data sets, synthetic people."""

from . import transforms

__all__ = ['transforms']
