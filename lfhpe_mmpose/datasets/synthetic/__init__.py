"""Synthetic people: articulated cartoon figures with keypoints, made from a seed.

The picture of ``(seed, index)`` is the same on every machine with the same OpenCV and for any
number of workers. ``poses`` draws joint angles, ``body`` turns them into joints in space,
``wardrobe`` dresses, ``figure`` and ``head`` paint, ``scenery`` paints the surroundings,
``keypoints`` names and judges the keypoints, ``scene`` composes a picture, ``generate`` writes
a set in COCO's format. The figures and all ranges are our choice.
"""

from .generate import generate_people
from .keypoints import KEYPOINT_NAMES, SKELETONS
from .scene import draw_person_image

__all__ = ['KEYPOINT_NAMES', 'SKELETONS', 'draw_person_image', 'generate_people']
