"""Synthetic people: articulated cartoon figures with keypoints, made from a seed.

The picture of ``(seed, index)`` is the same on every machine with the same OpenCV, however many
workers write it. ``poses`` draws joint angles, ``body`` turns them into joints in space,
``wardrobe`` dresses, ``figure`` and ``head`` paint, ``scenery`` is what stands around,
``keypoints`` names and judges the keypoints, ``scene`` composes one picture, ``generate`` writes a
set in COCO's format. To add a kind of pose, garment, occluder or keypoint set, see those modules.
The figures and all ranges are our own choice.
"""

from .generate import generate_people
from .keypoints import KEYPOINT_NAMES, SKELETONS
from .scene import draw_person_image

__all__ = ['KEYPOINT_NAMES', 'SKELETONS', 'draw_person_image', 'generate_people']
