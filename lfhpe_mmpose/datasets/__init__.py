"""Data: the door that withholds locations, data sets, synthetic people."""

from . import samplers, synthetic, transforms
from .lsp_extended_dataset import LspExtendedDataset
from .tagged_coco_dataset import TaggedCocoDataset

__all__ = ['LspExtendedDataset', 'TaggedCocoDataset', 'samplers', 'synthetic', 'transforms']
