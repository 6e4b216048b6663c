"""The few functions that a script or a notebook needs.

``configs`` resolves short names, ``inference`` finds keypoints in given boxes, ``predictor``
in many images at full speed, ``detection`` is MMPose's inferencer with a person detector,
``checkpoints`` loads published weights, ``publish`` makes them, ``inputs`` checks what a user
hands in.

To add a function, write it in the file of its kind and import it here.
"""

from lfhpe_mmpose.launch.configs import find_config, find_weights, list_configs
from .detection import make_inferencer
from .inference import draw, infer_persons, init_model
from .predictor import ImagePoses, PosePredictor
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
    'make_inferencer',
    'publish_model',
]
