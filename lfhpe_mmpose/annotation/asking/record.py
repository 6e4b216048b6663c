"""What the journal's answers add up to: counts, what can be taken back, what is to be repeated.

Entries are taken one by one, in the same way when they are given and when a journal is opened, so
that a session goes on where it stopped. It keeps no answer, only where the answers stand.
"""

from collections import defaultdict, deque

import numpy as np

from lfhpe_mmpose.tags import UNKNOWN, is_absent

from .answers import Answer
from .costs import LATEST, CostFit, Costs
from .errors import AnnotatorErrors
from .journal import Entry, Journal, answer_of
from .questions import Person

# Pictures between a picture and its repeat.
REPEAT_AFTER = 10
# Answers that an annotator can take back.
_UNDOS = 200


class Record:
    """The state of a session that its answers determine.

    Attributes:
        offsets: Where the answers about each person stand in the journal.
        left: Keypoints that were open after the latest answer about each person.
        rates: Rate of the next picture of each person after its latest answer.
        skipped: Persons that each annotator passed over.
        absent: Number of persons (K, ) that were said not to show a keypoint.
        errors: The annotators' shares of wrong answers.
        answers: Number of answered keypoints.
        questions: Number of answered pictures.
        seconds: What they took.
    """

    def __init__(self, journal: Journal, keypoints: int) -> None:
        self._journal = journal
        self.offsets: dict[Person, list[int]] = defaultdict(list)
        self.left: dict[Person, int] = {}
        self.rates: dict[Person, float] = {}
        self.skipped: dict[str, set[Person]] = defaultdict(set)
        self.absent = np.zeros(keypoints)
        self.errors = AnnotatorErrors()
        self.answers, self.questions, self.seconds = 0, 0, 0.0
        self._undos: dict[str, deque[tuple[int, Entry]]] = {}
        self._again: dict[str, deque[tuple[int, int]]] = defaultdict(deque)
        self._counts: dict[str, int] = defaultdict(int)
        self._latest: deque[tuple[Entry, bool]] = deque(maxlen=LATEST)
        self._costs = CostFit()
        self._last_person: dict[str, Person] = {}
        for offset, entry in journal.entries():
            if 'undo' in entry:
                self._drop(entry['annotator'])
            else:
                self.take(offset, entry, live=False)
        for entry, new in self._latest:
            self._costs.add(answer_of(entry), new)

    def take(self, offset: int, entry: Entry, live: bool = True) -> None:
        """Count an entry of the journal.

        Args:
            offset: Where it stands.
            entry: The answer.
            live: Whether it was given just now.
        """
        try:
            self._count(offset, entry, 1)
            person, annotator = entry['person'], entry['annotator']
            new = self._last_person.get(annotator) != person
        except (KeyError, TypeError, AttributeError):
            answer_of(entry, str(self._journal.path))  # says what is wrong
            raise
        self._last_person[annotator] = person
        undos = self._undos.get(annotator)
        if undos is None:
            undos = self._undos[annotator] = deque(maxlen=_UNDOS)
        undos.append((offset, entry))
        if entry.get('again'):
            due = self._counts[annotator] + REPEAT_AFTER
            self._again[annotator].append((due, offset))
        elif entry.get('repeat') and self._again[annotator]:
            self._again[annotator].popleft()
        if live:
            self._costs.add(answer_of(entry), new)
        else:
            self._latest.append((entry, new))

    def undoable(self, annotator: str) -> Entry | None:
        """The annotator's latest answer, if it can be taken back."""
        undos = self._undos.get(annotator)
        return undos[-1][1] if undos else None

    def take_back(self, annotator: str) -> Entry:
        """Take back the annotator's latest answer, in the journal too."""
        entry = self._undos[annotator][-1][1]
        self._journal.append(dict(undo=entry['id'], annotator=annotator))
        return self._drop(annotator)

    def due(self, annotator: str) -> Answer | None:
        """The answer whose picture is to be asked again now."""
        waiting = self._again[annotator]
        if not waiting or waiting[0][0] > self._counts[annotator]:
            return None
        return answer_of(self._journal.read(waiting[0][1]))

    def due_offset(self, annotator: str) -> int:
        """Where that answer stands."""
        return self._again[annotator][0][1]

    def give_up_repeat(self, annotator: str) -> None:
        """Ask the next repeat later."""
        due, offset = self._again[annotator].popleft()
        self._again[annotator].append((due + REPEAT_AFTER, offset))

    def about(self, person: Person) -> list[Answer]:
        """The answers about a person."""
        return [answer_of(self._journal.read(o)) for o in self.offsets.get(person, ())]

    def costs(self) -> Costs:
        """Seconds of a picture."""
        return self._costs.costs()

    def begun(self) -> list[Person]:
        """Persons with an answer."""
        return [person for person, offsets in self.offsets.items() if offsets]

    def _count(self, offset: int, entry: Entry, sign: int) -> None:
        person, annotator, values = entry['person'], entry['annotator'], entry['values']
        self.answers += sign * (len(values) - values.count(None) - values.count(UNKNOWN))
        self.questions += sign
        self.seconds += sign * entry['seconds']
        self._counts[annotator] += sign
        if sign > 0:
            self.offsets[person].append(offset)
        else:
            self.offsets[person].remove(offset)
        self._stand(person, entry if sign > 0 else None)
        if 'compared' in entry:
            compared, different = entry['compared']
            self.errors.add(annotator, sign * compared, sign * different)
        if entry['kind'] == 'whole' and not entry.get('repeat'):
            absent = [
                k for k, v in zip(entry['keypoints'], values) if v is not None and is_absent(v)
            ]
            self.absent[absent] += sign
        if entry.get('skipped'):
            mine = self.skipped[annotator]
            (mine.add if sign > 0 else mine.discard)(person)

    def _stand(self, person: Person, entry: Entry | None) -> None:
        """What the latest answer about a person leaves open."""
        if entry is None and self.offsets[person]:
            entry = self._journal.read(self.offsets[person][-1])
        if entry is None:
            self.left.pop(person, None)
            self.rates.pop(person, None)
        else:
            self.left[person], self.rates[person] = entry['open'], entry['rate']

    def _drop(self, annotator: str) -> Entry:
        offset, entry = self._undos[annotator].pop()
        self._count(offset, entry, -1)
        waiting = self._again[annotator]
        if entry.get('again'):
            self._again[annotator] = deque(pair for pair in waiting if pair[1] != offset)
        elif entry.get('repeat'):
            waiting.appendleft((self._counts[annotator], entry['again_of']))
        undos = self._undos[annotator]
        if undos:
            self._last_person[annotator] = undos[-1][1]['person']
        return entry
