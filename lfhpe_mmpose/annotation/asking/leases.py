"""Which annotator works on which person, so that two never get the same one."""

from collections.abc import Callable

from .questions import Person


class Leases:
    """Persons on loan.

    Args:
        seconds: A lease that is not renewed ends after this time.
        clock: The time in seconds.
    """

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._seconds, self._clock = seconds, clock
        self._held: dict[Person, tuple[str, float]] = {}

    def take(self, person: Person, annotator: str) -> bool:
        """Lend or renew; False if another annotator has the person."""
        if not self.free(person, annotator):
            return False
        self._held[person] = annotator, self._clock() + self._seconds
        return True

    def free(self, person: Person, annotator: str) -> bool:
        """Whether the annotator may have the person."""
        holder, end = self._held.get(person, (annotator, 0.0))
        return holder == annotator or end <= self._clock()

    def keep(self, annotator: str, persons: set[Person]) -> None:
        """Give back all of an annotator's persons but these."""
        held = [p for p, (holder, _) in self._held.items() if holder == annotator]
        for person in held:
            if person not in persons:
                del self._held[person]
