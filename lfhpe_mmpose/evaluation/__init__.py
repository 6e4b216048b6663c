"""Evaluation: of keypoint categories, and the yardsticks for locations.

``metrics`` registered metrics, ``classification`` the plain functions under them.
To add a metric, see ``metrics``; a plain function gets a file here.
"""

from .classification import average_precision, f1_score
from .metrics import KeypointCategoryMetric

__all__ = ['KeypointCategoryMetric', 'average_precision', 'f1_score']
