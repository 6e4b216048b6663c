"""A model's predictions for other programs: COCO, tables, and answers to correct in Label Studio.

``mmpose_json`` reads what MMPose's inferencer writes: coordinates and scores, but not whether a
keypoint is visible. ``run_model`` runs a model, which gives probabilities as well. ``tag_file``
makes a tag file of either, ``preannotate`` answers the pictures of a plan, and ``export`` is all
of ``lfhpe export-predictions``. To read another program's predictions, write a function that
returns ``PredictedPerson``.
"""

from .export import ExportOptions, export_predictions
from .found import PredictedPerson, tags_of_probabilities
from .mmpose_json import read_mmpose_json
from .preannotate import preannotate_plan
from .run_model import predict_tag_file
from .tag_file import predicted_tag_file

__all__ = [
    'ExportOptions',
    'PredictedPerson',
    'export_predictions',
    'preannotate_plan',
    'predict_tag_file',
    'predicted_tag_file',
    'read_mmpose_json',
    'tags_of_probabilities',
]
