"""Pose estimators: whole models.

A location-free model is MMPose's ``TopdownPoseEstimator`` with our parts. Only a loss
that needs a second look at the picture needs an estimator of its own. To add one,
register it in ``mmpose.registry.MODELS`` and import it here.
"""

from .equivariant_topdown import EquivariantTopdownEstimator

__all__ = ['EquivariantTopdownEstimator']
