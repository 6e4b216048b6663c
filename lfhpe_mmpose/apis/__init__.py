"""Functions for scripts and notebooks.

``inference`` finds keypoints in given boxes, ``predictor`` in many images at full speed,
``predict_files`` from and to files. ``publish`` makes weights files.
"""

from lfhpe_mmpose.launch.packaged import find_config, find_weights, list_configs
from lfhpe_mmpose.runtime.results import ImagePoses

from .inference import draw, infer_persons, init_model
from .predictor import PosePredictor
from .publish import publish_model

__all__ = [
    'ImagePoses',
    'PosePredictor',
    'draw',
    'find_config',
    'find_weights',
    'infer_persons',
    'init_model',
    'list_configs',
    'publish_model',
]
