"""Pipeline steps: the door that withholds locations, and the packing of tags.

:class:`WithholdLocations` is the first step of every training pipeline and
:class:`PackTaggedInputs` the last. ``tagging`` holds the plain functions that
turn visibility flags into tags and draw tagged views; ``located`` decides which
persons are located. To add a step, write it in a file of its own, register it
in ``mmpose.registry.TRANSFORMS`` and import it here. A step behind the door
sees only what :data:`~.withhold_locations.LOCATION_FREE_KEYS` lets through.
"""

from lfhpe_mmpose.tags.located import is_located, located_persons
from lfhpe_mmpose.tags.views import OCCLUDED_CHOICES, draw_views, tags_from_visibility, view_tags

from .pack_tagged_inputs import PackTaggedInputs
from .pseudo_locations import LoadPseudoLocations, agrees_with_tags
from .seeding import SeededIndex, seed_sample
from .withhold_locations import WithholdLocations

__all__ = [
    'OCCLUDED_CHOICES',
    'LoadPseudoLocations',
    'PackTaggedInputs',
    'SeededIndex',
    'WithholdLocations',
    'agrees_with_tags',
    'draw_views',
    'is_located',
    'located_persons',
    'seed_sample',
    'tags_from_visibility',
    'view_tags',
]
