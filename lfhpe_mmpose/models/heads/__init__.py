"""Heads: from features to keypoints.

``supervision`` reads the labels of a batch, ``losses`` compares the head's outputs with them.
To add a head, subclass MMPose's ``BaseHead``, register it in ``mmpose.registry.MODELS`` and
import it here.
"""

from .local_evidence_head import LocalEvidenceHead
from .local_losses import LocalEvidenceLosses
from .location_free_head import LocationFreeHead
from .losses import LocationFreeLosses
from .score_calibration import ScoreCalibration

__all__ = [
    'LocalEvidenceHead',
    'LocalEvidenceLosses',
    'LocationFreeHead',
    'LocationFreeLosses',
    'ScoreCalibration',
]
