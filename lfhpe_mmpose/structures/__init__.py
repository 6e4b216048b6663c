"""Data structures beside MMPose's ``PoseDataSample``.

``tagged_batch`` the samples of a batch with their labels stacked. To add one, write it in
a file of its own and import it here.
"""

from .tagged_batch import TaggedBatch

__all__ = ['TaggedBatch']
