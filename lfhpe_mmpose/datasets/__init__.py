"""Data: the door that withholds locations, data sets, synthetic people."""

from . import samplers, synthetic, transforms
from .lsp_extended_dataset import LspExtendedDataset

__all__ = ['LspExtendedDataset', 'samplers', 'synthetic', 'transforms']
