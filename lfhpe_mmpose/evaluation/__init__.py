"""Evaluation: of keypoint categories, and the yardsticks for locations.

``metrics`` registered metrics, ``classification`` the plain functions under them,
``baselines`` what a predictor reaches that never looks at the picture, ``predictions``
a model's predictions for a data set as arrays, ``tables`` their layout. To add a
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
from .metrics import KeypointCategoryMetric, KeypointErrorMetric
from .predictions import DatasetPredictions, predict_dataset
from .tables import format_pck_table

__all__ = [
    'DatasetPredictions',
    'KeypointCategoryMetric',
    'KeypointErrorMetric',
    'PckResult',
    'People',
    'average_precision',
    'blind_baselines',
    'f1_score',
    'format_pck_table',
    'load_people',
    'mean_pose',
    'pck',
    'predict_crop_centre',
    'predict_dataset',
    'predict_mean_pose',
]
