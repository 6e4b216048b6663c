"""Data sets, pipeline steps, samplers and synthetic people."""

from . import samplers, synthetic, transforms
from .blind_datasets import (
    BlindAicDataset,
    BlindAP10KDataset,
    BlindCocoDataset,
    BlindCrowdPoseDataset,
    SelectsByFlags,
)
from .collate import tagged_collate
from .lsp_extended_dataset import LspExtendedDataset
from .tagged_coco_dataset import TaggedCocoDataset

__all__ = [
    'BlindAP10KDataset',
    'BlindAicDataset',
    'BlindCocoDataset',
    'BlindCrowdPoseDataset',
    'LspExtendedDataset',
    'SelectsByFlags',
    'TaggedCocoDataset',
    'samplers',
    'synthetic',
    'tagged_collate',
    'transforms',
]
