"""Data sets, pipeline steps, samplers and synthetic people."""

from . import samplers, synthetic, transforms
from .collate import tagged_collate
from .lsp_extended_dataset import LspExtendedDataset
from .tagged_coco_dataset import TaggedCocoDataset

__all__ = [
    'LspExtendedDataset',
    'TaggedCocoDataset',
    'samplers',
    'synthetic',
    'tagged_collate',
    'transforms',
]
