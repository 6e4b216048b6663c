"""Heads: from features to keypoints.

To add a head, subclass MMPose's ``BaseHead``, register it in
``mmpose.registry.MODELS`` and import it here.
"""

from .location_free_head import LocationFreeHead

__all__ = ['LocationFreeHead']
