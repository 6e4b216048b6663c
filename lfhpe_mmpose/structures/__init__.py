"""Data structures beside MMPose's ``PoseDataSample``."""

from .tagged_batch import TaggedBatch

__all__ = ['TaggedBatch']
