"""What a model says, for other programs: COCO, tables, and answers to start from in Label Studio.

``mmpose_json`` reads what MMPose's inferencer (``tools/demo.py``) writes: places and scores.
Whether a keypoint can be seen it does not say, so ``run`` lets a model look again and gives the
probabilities too. ``export`` makes a tag file of either, and ``preannotate`` answers the pictures
of a plan. To read another program's predictions, write a function that returns
:class:`PredictedPerson`.
"""

from .export import predicted_tag_file
from .found import PredictedPerson, tags_of_probabilities
from .mmpose_json import read_mmpose_json
from .preannotate import preannotate_plan
from .export_files import predict_tag_file

__all__ = [
    'PredictedPerson',
    'preannotate_plan',
    'predict_tag_file',
    'predicted_tag_file',
    'read_mmpose_json',
    'tags_of_probabilities',
]
