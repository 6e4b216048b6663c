"""Twenty questions for keypoints: ask what tells most, confirm instead of draw.

``questions`` and ``answers`` are what passes between an annotator and a session; ``grid``,
``belief`` and ``prior`` what is known of a person; ``windows``, ``policy``, ``costs`` and
``person_queue`` what is asked next; ``journal`` and ``record`` what was said; ``errors`` how often
an annotator is wrong; ``export`` the tag file; ``session`` puts them together. Nothing here
imports torch or MMPose.
"""

from .answers import Answer
from .belief import Belief
from .questions import Question
from .session import AskSession
from .simulated import SimulatedAnnotator

__all__ = ['Answer', 'AskSession', 'Belief', 'Question', 'SimulatedAnnotator']
