"""Pipeline steps.

``WithholdLocations`` is the first step of every training pipeline, ``PackTaggedInputs``
the last. To add a step, write it in a file of its own, register it in
``mmpose.registry.TRANSFORMS`` and import it here. A step after ``WithholdLocations`` sees
only the keys of ``LOCATION_FREE_KEYS``.
"""

from .pack_tagged_inputs import PackTaggedInputs
from .pseudo_locations import LoadPseudoLocations, agrees_with_tags
from .withhold_locations import WithholdLocations

__all__ = [
    'LoadPseudoLocations',
    'PackTaggedInputs',
    'WithholdLocations',
    'agrees_with_tags',
]
