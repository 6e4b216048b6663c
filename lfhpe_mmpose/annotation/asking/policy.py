"""The picture that says most per second about one person.

Three kinds compete: *whole*, the best *window* and the best *confirm*. What a picture says is the
sum over its keypoints of ``expected_bits``; what it costs is in ``costs``. To add a kind, add a
function that returns a ``Proposal`` to ``best``.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from lfhpe_mmpose.tags.located import person_hash

from .belief import SETTLED_RADIUS, Belief
from .costs import Costs
from .information import expected_bits
from .questions import KINDS, Circle, Kind, Person, Question, Window
from .windows import best_window

# A keypoint is asked only if the answer is expected to say this much, in bits.
LEAST_BITS = 0.05
# Radii of the circles as shares of the longer side of the box.
RADII = (SETTLED_RADIUS, 1.5 * SETTLED_RADIUS, 2 * SETTLED_RADIUS)


@dataclass(frozen=True)
class Proposal:
    """A possible picture: what it asks, expected bits and seconds."""

    kind: Kind
    keypoints: tuple[int, ...]
    window: Window
    circles: tuple[Circle, ...]
    bits: float
    seconds: float

    @property
    def rate(self) -> float:
        """Bits per second, once the annotator has the person before the eyes."""
        return self.bits / self.seconds

    def first_rate(self, costs: Costs) -> float:
        """Bits per second for an annotator who comes from another person."""
        return self.bits / (self.seconds + costs.new_person)


def best(
    belief: Belief,
    error: float,
    costs: Costs,
    kinds: tuple[Kind, ...] = KINDS,
    draw: int | None = None,
) -> Proposal | None:
    """The picture with the most bits per second; None if nothing is worth asking.

    Args:
        belief: Belief about the person.
        error: The annotator's share of wrong answers.
        costs: Seconds of a picture.
        kinds: Kinds to choose from.
        draw: The person's number (``window_draw``), which decides between windows that are
            alike; None takes the best.
    """
    asked = belief.open_keypoints
    if not len(asked):
        return None
    makers: dict[Kind, Callable[..., Proposal | None]] = dict(
        whole=_whole, window=partial(_window, draw=draw), confirm=_confirm
    )
    found = [makers[kind](belief, asked, error, costs) for kind in kinds]
    worth = [p for p in found if p is not None]
    # Kinds that are equally good are taken in their order.
    return max(worth, key=lambda p: round(p.rate, 9), default=None)


def _whole(belief: Belief, asked: np.ndarray, error: float, costs: Costs) -> Proposal | None:
    inside = 1 - belief.hidden[asked]
    return _propose('whole', belief, asked, inside, inside, error, costs)


def _window(
    belief: Belief, asked: np.ndarray, error: float, costs: Costs, draw: int | None
) -> Proposal | None:
    order = None if draw is None else np.random.default_rng([draw, belief.pictures])
    edges, inside = best_window(belief.mass[asked], error, order)
    window = belief.grid.pixels(*edges)
    return _propose('window', belief, asked, inside, inside, error, costs, window)


def _confirm(belief: Belief, asked: np.ndarray, error: float, costs: Costs) -> Proposal | None:
    mass, grid = belief.table[asked, :-1], belief.grid
    places, chosen = belief.places[asked], np.zeros((len(asked), 2))
    for share in RADII:
        radius = share * grid.size
        at, inside = belief.near_places(asked, radius)
        bits = expected_bits(inside, error)
        better = bits > expected_bits(chosen[:, 1], error)
        places = np.where(better[:, None], at, places)
        chosen[better] = np.stack([np.full(len(mass), radius), inside], 1)[better]
    circles: tuple[Circle, ...] = tuple(
        (int(k), round(float(x), 2), round(float(y), 2), round(float(r), 2))
        for k, (x, y), r in zip(asked, places, chosen[:, 0])
    )
    inside = chosen[:, 1]
    return _propose('confirm', belief, asked, inside, 1 - inside, error, costs, None, circles)


def _propose(
    kind: Kind,
    belief: Belief,
    asked: np.ndarray,
    inside: np.ndarray,
    ticks: np.ndarray,
    error: float,
    costs: Costs,
    window: Window | None = None,
    circles: tuple[Circle, ...] = (),
) -> Proposal | None:
    """Keep the keypoints that are worth asking; None if there is none."""
    bits = expected_bits(inside, error)
    kept = np.flatnonzero(bits >= LEAST_BITS)
    if not len(kept):
        return None
    seconds = costs.seconds(kind, float(ticks[kept].sum()))
    return Proposal(
        kind,
        tuple(int(k) for k in asked[kept]),
        window or belief.grid.window,
        tuple(circles[i] for i in kept) if circles else (),
        float(bits[kept].sum()),
        seconds,
    )


def question(proposal: Proposal, person: Person, seed: int, number: int) -> Question:
    """Make the question of a proposal, the ``number``-th picture of a person."""
    return Question(
        question_id(seed, person, number),
        person,
        proposal.kind,
        proposal.keypoints,
        proposal.window,
        proposal.circles,
    )


def window_draw(seed: int, person: Person) -> int:
    """The number of a person that decides between windows that are alike."""
    return person_hash(seed, 0, person, 'window')


def question_id(seed: int, person: Person, number: int, purpose: str = '') -> str:
    """Hash of what identifies a question; it does not show whether the picture is a repeat."""
    text = f'{seed}|{person}|{number}|{purpose}'.encode('utf-8', 'surrogatepass')
    return hashlib.blake2b(text, digest_size=6).hexdigest()
