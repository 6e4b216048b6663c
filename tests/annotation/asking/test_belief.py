"""What answers do to a belief, whatever the answers are."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lfhpe_mmpose.annotation.asking import Answer, Belief, Question
from lfhpe_mmpose.annotation.asking.belief import UNSURE, cover
from lfhpe_mmpose.annotation.asking.costs import Costs
from lfhpe_mmpose.annotation.asking.grid import Grid
from lfhpe_mmpose.annotation.asking.policy import best, question, window_draw
from lfhpe_mmpose.annotation.asking.prior import Prior
from lfhpe_mmpose.annotation.asking.windows import best_window

GRID = Grid([20, 10, 60, 120], 140, 150)
KEYPOINTS = 3


def belief() -> Belief:
    """A flat belief about three keypoints."""
    return Prior(KEYPOINTS).belief(1, GRID)


@st.composite
def answers(draw) -> Answer:
    """An answer to a picture of any kind, of an annotator who may say anything."""
    kind = draw(st.sampled_from(['whole', 'window', 'confirm']))
    asked = sorted(draw(st.sets(st.integers(0, KEYPOINTS - 1), min_size=1)))
    number = st.floats(0, 100)
    window = draw(st.tuples(number, number, st.floats(5, 100), st.floats(5, 100)))
    circles = tuple((k, draw(number), draw(number), draw(st.floats(3, 40))) for k in asked)
    values = tuple(draw(st.sampled_from([1, 0, -1, None])) for _ in asked)
    asking = Question('', 1, kind, tuple(asked), window, circles if kind == 'confirm' else ())
    return Answer(asking, values)


errors = st.floats(0.005, 0.4)


class TestUpdate:
    """Bayes' rule, with an annotator who errs."""

    @settings(max_examples=50, deadline=None)
    @given(st.lists(answers(), max_size=8), errors)
    def test_it_sums_to_one(self, said, error):
        """Whatever is said, also if it contradicts itself."""
        held = belief()
        for answer in said:
            held.update(answer, error)
        assert np.allclose(held.mass.sum((1, 2)) + held.hidden, 1)
        assert (held.table >= 0).all()

    @settings(max_examples=50, deadline=None)
    @given(answers(), errors)
    def test_what_an_answer_excludes_keeps_the_error_rate_at_most(self, answer, error):
        """Relative to what it allows, the excluded cells fall by e / (1 - e)."""
        before, held = belief(), belief()
        held.update(answer, error)
        for (k, tag), inside in zip(answer.tags(), cover(GRID, answer.question), strict=True):
            if tag not in (0, 1):
                assert np.array_equal(held.table[k], before.table[k])
                continue
            allowed = inside if tag else 1 - inside
            ratio = held.table[k] / before.table[k]
            if (allowed == 1).any() and (allowed == 0).any():
                fall = ratio[allowed == 0].max() / ratio[allowed == 1].min()
                assert np.isclose(fall, error / (1 - error))
                assert ratio[allowed == 0].max() <= 1 + 1e-9

    @settings(max_examples=30, deadline=None)
    @given(st.lists(answers(), min_size=2, max_size=6), errors, st.randoms(use_true_random=False))
    def test_the_order_does_not_matter(self, said, error, random):
        """Two annotators may answer in any order."""
        other = list(said)
        random.shuffle(other)
        one, two = belief(), belief()
        for a, b in zip(said, other, strict=True):
            one.update(a, error)
            two.update(b, error)
        assert np.allclose(one.table, two.table)

    def test_a_skipped_picture_says_nothing(self):
        """Nor does it count as "cannot tell"."""
        held = belief()
        asked = Question('', 1, 'whole', (0, 1, 2), GRID.window)
        for _ in range(2 * UNSURE):
            held.update(Answer(asked, (None,) * 3, skipped=True), 0.1)
        assert len(held.open_keypoints) == 3
        assert np.array_equal(held.table, belief().table)


class TestPlaces:
    """What is read from a belief."""

    def test_the_place_and_its_radius(self):
        """All mass in a known circle."""
        held = belief()
        asked = Question(
            '', 1, 'confirm', (0, 1, 2), GRID.window, tuple((k, 50, 70, 9) for k in range(3))
        )
        for _ in range(3):
            held.update(Answer(asked, (1, 1, 1)), 0.001)
        assert np.allclose(held.places, (50, 70), atol=2)
        assert np.allclose(held.best_place(0, 9), (50, 70), atol=2)
        assert 6 < held.radius90(1) < 11
        assert held.settled(2)
        assert held.done

    def test_nothing_lies_outside_the_image(self):
        """The window of a person at the border extends beyond it."""
        grid = Grid([0, 0, 60, 120], 140, 150)
        mass = Prior(1).belief(1, grid).mass[0]
        assert mass[0].max() < 1e-5
        assert mass[5, 5] > 1e-4

    def test_a_gathered_disc_is_the_mass_within_its_radius(self):
        """By the transform as by counting, at the border too."""
        rng = np.random.default_rng(0)
        mass = rng.random((2, 1024))
        radius = 0.2 * GRID.size
        gathered = GRID.gather(GRID.spectrum(mass), radius)
        for i in (0, 31, 500, 1023):
            near = ((GRID.centres - GRID.centres[i]) ** 2).sum(1) <= radius**2
            assert np.allclose(gathered[:, i], mass[:, near].sum(1))


class TestPolicy:
    """The choice of the next picture."""

    @settings(max_examples=30, deadline=None)
    @given(st.lists(answers(), max_size=8))
    def test_settled_keypoints_are_not_asked(self, said):
        """Whatever was said before."""
        held = belief()
        for answer in said:
            held.update(answer, 0.01)
        proposal = best(held, 0.03, Costs())
        if proposal is None:
            return
        assert not held.settled_keypoints[list(proposal.keypoints)].any()
        assert proposal.rate > 0
        asked = question(proposal, 1, 0, 0)
        assert np.isclose(held.information(asked, 0.03), proposal.bits, atol=0.05 * proposal.bits)

    def test_the_first_window_halves_the_mass(self):
        """A flat belief has nothing better to ask."""
        proposal = best(belief(), 0.03, Costs())
        assert proposal.kind == 'window'
        inside = (belief().mass.sum(0) * GRID.window_cover(proposal.window).reshape(32, 32)).sum()
        assert 0.4 < inside / KEYPOINTS < 0.6

    def test_persons_differ_in_their_windows(self):
        """Windows that are alike are spread over the persons, and cost no information."""
        most = best(belief(), 0.03, Costs()).bits
        found = [best(belief(), 0.03, Costs(), draw=window_draw(0, p)) for p in range(50)]
        assert min(proposal.bits for proposal in found) > 0.97 * most
        # Halves on all four sides, cut at different lines.
        left, top, wide, high = GRID.window
        halves = {p.window for p in found}
        assert len(halves) > 8
        assert all((w == wide) != (h == high) for _, _, w, h in halves)
        assert len({(x == left, y == top, w == wide) for x, y, w, _ in halves}) == 4
        again = [best(belief(), 0.03, Costs(), draw=window_draw(0, p)) for p in range(50)]
        other = [best(belief(), 0.03, Costs(), draw=window_draw(1, p)) for p in range(50)]
        assert again == found != other

    def test_a_clear_best_window_is_taken(self):
        """What says more than the others is asked, whoever is asked about."""
        mass = np.zeros((1, 32, 32))
        mass[0, 4:8, 4:8] = 1 / 32
        mass[0, 24:28, 24:28] = 1 / 32
        for seed in range(10):
            _, inside = best_window(mass, 0.0, np.random.default_rng(seed))
            assert 0.4 < inside[0] < 0.6

    def test_circles_lie_on_the_peaks(self):
        """Whatever the keypoint, its circle is where it probably is."""
        held = belief()
        for k in range(3):
            asked = Question('', 1, 'confirm', (k,), GRID.window, ((k, 30 + 20 * k, 60, 12),))
            held.update(Answer(asked, (1,)), 0.02)
        proposal = best(held, 0.03, Costs(), ('confirm',))
        assert len(proposal.circles) == 3
        for k, x, y, _ in proposal.circles:
            assert np.hypot(x - 30 - 20 * k, y - 60) < 8

    def test_doubt_about_visibility_is_asked_about_the_whole(self):
        """Windows all around without a keypoint make the whole person the question."""
        held = belief()
        x, y, w, h = GRID.window
        for part in ((x, y, w, h / 2), (x, y + h / 2, w, h / 2)):
            held.update(Answer(Question('', 1, 'window', (0, 1, 2), part), (0, 0, 0)), 0.1)
        assert best(held, 0.03, Costs()).kind == 'whole'
