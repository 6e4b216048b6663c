"""The annotation plan: which pictures people are asked about, and the way back.

``images`` finds the images of a folder, ``persons`` their persons (boxes from a file or the whole
image; ``detector`` for MMDet's), ``pictures`` draws and crops the views, ``ranking`` orders them
by what a model is unsure about, ``selection`` takes what is to be asked, ``forms`` writes the
questions for Label Studio and for a table, and ``build`` puts it together. To ask in another
program, write a function in ``forms`` and call it in ``build``.
"""

from .build import Planned, Settings, load_plan, make_plan
from .persons import persons_from_file, whole_images
from .pictures import Picture, draw_pictures
from .ranking import information, picture_probabilities, rank_pictures

__all__ = [
    'Picture',
    'Planned',
    'Settings',
    'draw_pictures',
    'information',
    'load_plan',
    'make_plan',
    'persons_from_file',
    'picture_probabilities',
    'rank_pictures',
    'whole_images',
]
