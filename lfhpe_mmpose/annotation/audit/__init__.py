"""Labels that a model contradicts, the most certain first: what ``lfhpe audit`` lists."""

from .ranking import Suspect, rank_person

__all__ = ['Suspect', 'rank_person']
