"""The persons in the order of what their next picture says per second."""

import heapq
from collections.abc import Callable, Iterable

from lfhpe_mmpose.tags.located import person_hash

from .questions import Person

# Persons whose rate is computed anew in one choice.
_LOOKS = 3


class PersonQueue:
    """A heap of each person's best rate, so that a choice does not recompute all persons.

    Args:
        seed: Decides between persons of equal rate.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rates: dict[Person, float] = {}
        self._guesses: set[Person] = set()
        self._heap: list[tuple[float, int, Person]] = []

    def fill(self, persons: Iterable[Person], rate: float) -> None:
        """Add persons whose rate is guessed; it is computed before they are chosen."""
        for person in persons:
            self._rates[person] = rate
            self._guesses.add(person)
            self._heap.append((-rate, self._tie(person), person))
        heapq.heapify(self._heap)

    def set(self, person: Person, rate: float | None) -> None:
        """Set the rate of a person; None if nothing is left to ask."""
        self._guesses.discard(person)
        if rate is None:
            self._rates.pop(person, None)
        else:
            self._rates[person] = rate
            heapq.heappush(self._heap, (-rate, self._tie(person), person))

    def best(
        self, allowed: Callable[[Person], bool], look: Callable[[Person], float | None]
    ) -> Person | None:
        """The allowed person with the highest rate.

        Args:
            allowed: Whether a person may be chosen now.
            look: Computes the rate of a person.
        """
        aside: list[tuple[float, int, Person]] = []
        chosen, looks = None, 0
        while self._heap:
            top = heapq.heappop(self._heap)
            rate, _, person = top
            if self._rates.get(person) != -rate:
                continue  # replaced by a later entry
            if not allowed(person):
                aside.append(top)
                continue
            if person in self._guesses and looks < _LOOKS:
                looks += 1
                self.set(person, look(person))
                continue
            if person in self._guesses and look(person) is None:
                self.set(person, None)
                continue
            aside.append(top)
            chosen = person
            break
        for entry in aside:
            heapq.heappush(self._heap, entry)
        return chosen

    def __len__(self) -> int:
        return len(self._rates)

    def _tie(self, person: Person) -> int:
        return person_hash(self._seed, 0, person, 'asking')
