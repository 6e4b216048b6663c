"""Samplers: which persons make up a batch.

To add one, write it in a file of its own, register it in
``mmpose.registry.DATA_SAMPLERS`` and import it here.
"""

from .located_share_sampler import LocatedShareSampler
from .seeded_sampler import SeededSampler

__all__ = ['LocatedShareSampler', 'SeededSampler']
