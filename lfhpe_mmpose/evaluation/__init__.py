"""Evaluation of keypoint categories, and baselines for locations.

``metrics`` holds the registered metrics, ``classification`` the plain functions under them,
``calibration`` and ``error_model`` turn answers about windows into probabilities of scores,
``baselines`` what a predictor reaches without looking at the picture, ``predictions`` a model's
predictions for a dataset as arrays. To add a metric, see ``metrics``.
"""

from .baselines import (
    PckResult,
    People,
    blind_baselines,
    format_pck_table,
    load_people,
    mean_pose,
    pck,
    predict_crop_centre,
    predict_mean_pose,
)
from .calibration import Calibration, calibrate, estimate_error, expected_calibration_error
from .classification import average_precision, f1_score
from .error_model import WindowAnswers
from .metrics import KeypointCategoryMetric, KeypointErrorMetric
from .predictions import DatasetPredictions, predict_dataset

__all__ = [
    'Calibration',
    'DatasetPredictions',
    'KeypointCategoryMetric',
    'KeypointErrorMetric',
    'PckResult',
    'People',
    'WindowAnswers',
    'average_precision',
    'blind_baselines',
    'calibrate',
    'estimate_error',
    'expected_calibration_error',
    'f1_score',
    'format_pck_table',
    'load_people',
    'mean_pose',
    'pck',
    'predict_crop_centre',
    'predict_dataset',
    'predict_mean_pose',
]
