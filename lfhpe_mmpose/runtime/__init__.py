"""Prediction from an exported model, without PyTorch, MMEngine, MMCV and MMPose."""

from .predictor import OnnxPredictor
from .results import FoundPerson, ImagePoses

__all__ = ['FoundPerson', 'ImagePoses', 'OnnxPredictor']
