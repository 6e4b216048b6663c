"""Evaluation: of keypoint categories, and the yardsticks for locations.

``metrics`` registered metrics, ``classification`` the plain functions under them,
``baselines`` what a predictor reaches that never looks at the picture. To add a
metric, see ``metrics``; a plain function gets a file here.
"""

from .baselines import (
    PckResult,
    People,
    blind_baselines,
    load_people,
    mean_pose,
    pck,
    predict_crop_centre,
    predict_mean_pose,
)
from .classification import average_precision, f1_score
from .metrics import KeypointCategoryMetric

__all__ = [
    'KeypointCategoryMetric',
    'PckResult',
    'People',
    'average_precision',
    'blind_baselines',
    'f1_score',
    'load_people',
    'mean_pose',
    'pck',
    'predict_crop_centre',
    'predict_mean_pose',
]
