"""Seconds and errors, learnt from the answers."""

import numpy as np
import pytest

from lfhpe_mmpose.annotation.asking import Answer, Question
from lfhpe_mmpose.annotation.asking.costs import CostFit, Costs
from lfhpe_mmpose.annotation.asking.errors import EXPECTED, AnnotatorErrors


def window(ticks: int, seconds: float, skipped: bool = False) -> Answer:
    """An answer with so many ticks."""
    asked = Question('', 1, 'window', tuple(range(10)), (0.0, 0.0, 9.0, 9.0))
    return Answer(asked, (1,) * ticks + (0,) * (10 - ticks), 'anna', seconds, 0.0, skipped)


class TestCosts:
    """Seconds a picture and a tick."""

    def test_they_are_found_in_spite_of_breaks(self):
        """One answer in ten took a coffee."""
        rng = np.random.default_rng(0)
        fit = CostFit()
        for i in range(400):
            ticks = int(rng.integers(0, 10))
            seconds = 1.2 + 0.3 * ticks + rng.normal(0, 0.1) + 40 * (i % 10 == 0)
            fit.add(window(ticks, seconds), new_person=False)
        found = fit.costs()
        assert found.window == pytest.approx(1.2, abs=0.25)
        assert found.tick == pytest.approx(0.3, abs=0.05)
        assert found.confirm == Costs().confirm

    def test_no_answer_gives_the_defaults(self):
        """Nor does a skipped picture change them."""
        fit = CostFit()
        fit.add(window(3, 0.1, skipped=True), new_person=True)
        assert fit.costs() == Costs()

    def test_what_is_clicked_away_is_a_tick(self):
        """Confirming circles that are right costs none."""
        costs = Costs(confirm=2.0, tick=0.5)
        assert costs.seconds('confirm', 3) == 3.5


class TestErrors:
    """Wrong answers, from pictures that were asked twice."""

    def test_the_share_is_found(self):
        """Two answers of error e differ with probability 2 e (1 - e)."""
        errors = AnnotatorErrors()
        errors.add('ben', 10_000, round(10_000 * 2 * 0.1 * 0.9))
        assert errors.estimate('ben') == pytest.approx(0.1, abs=0.002)
        assert errors.estimate('anna') == pytest.approx(EXPECTED)

    def test_it_stays_below_chance(self):
        """Answers that always differ are not more than random."""
        errors = AnnotatorErrors()
        errors.add('ben', 1000, 1000)
        assert errors.estimate('ben') <= 0.4
