"""Each annotator's share of wrong answers, from the pictures that were asked twice."""

from collections import Counter
from math import sqrt

# Before any repeat: this share, counted as this many compared answers. Our guess.
EXPECTED = 0.03
_WEIGHT = 60.0
# Two random answers differ half of the time.
_MOST = 0.4


class AnnotatorErrors:
    """Compares the two answers to repeated pictures.

    Two answers with the same share e of errors differ with probability 2 e (1 - e).
    """

    def __init__(self) -> None:
        self._compared: Counter[str] = Counter()
        self._different: Counter[str] = Counter()

    def add(self, annotator: str, compared: int, different: int) -> None:
        """Take a repeated picture; negative numbers take it back."""
        self._compared[annotator] += compared
        self._different[annotator] += different

    def estimate(self, annotator: str) -> float:
        """Share of wrong answers of an annotator."""
        expected = 2 * EXPECTED * (1 - EXPECTED) * _WEIGHT
        differ = (expected + self._different[annotator]) / (_WEIGHT + self._compared[annotator])
        return min(_MOST, (1 - sqrt(max(0.0, 1 - 2 * differ))) / 2)

    def compared(self, annotator: str) -> int:
        """Number of answers that were given twice."""
        return self._compared[annotator]
