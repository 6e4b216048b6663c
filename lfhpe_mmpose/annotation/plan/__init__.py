"""The annotation plan: which pictures annotators are asked about, and the forms for it.

``plan_folder`` does all of it. ``images`` and ``persons`` (``detector`` for MMDet's boxes) list
what is in a folder, ``pictures`` draws the views, ``ranking`` orders them by a model's
uncertainty, ``selection`` removes answered pictures, ``cutting`` writes the crops, ``forms`` the
questions and ``plan_file`` the plan. To support another annotation program, write a function in
``forms`` and call it in ``make.py``.
"""

from .make import Planned, make_plan
from .persons import persons_from_file, whole_images
from .pictures import Picture, draw_pictures
from .plan_file import Settings, load_plan
from .plan_folder import PlanOptions, plan_folder
from .ranking import information, picture_probabilities, rank_pictures

__all__ = [
    'Picture',
    'PlanOptions',
    'Planned',
    'Settings',
    'draw_pictures',
    'information',
    'load_plan',
    'make_plan',
    'persons_from_file',
    'picture_probabilities',
    'plan_folder',
    'rank_pictures',
    'whole_images',
]
