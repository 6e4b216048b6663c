"""A session of asking: which picture comes next, and what becomes of its answer.

``AskSession`` is what the page, rounds and studies work with. Its state is the journal; all else
is rebuilt from it.
"""

import os
import threading
import time
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import is_known
from lfhpe_mmpose.tags.located import person_hash

from .answers import Answer, check_values
from .belief import Belief
from .beliefs import Beliefs
from .export import export_answers
from .journal import Journal, answer_of, entry_of
from .leases import Leases
from .maps import ModelMaps
from .person_queue import PersonQueue
from .plan_source import AskPlan
from .policy import question, question_id
from .prior import Prior
from .progress import measure_progress
from .questions import KINDS, Kind, Person, Question
from .record import Record

# Share of the pictures that are asked twice.
REPEATS = 1 / 20


class AskSession:
    """Asks annotators about the persons of a plan.

    Safe to use from several threads.

    Args:
        plan: A plan's folder, its ``plan.json``, or a tag file; see ``AskPlan``.
        journal: File of the answers; made or continued.
        maps: A model's maps of the persons; see ``ModelMaps``. None starts flat.
        seed: Decides what chance decides.
        images: Folder of the images; see ``AskPlan``.
        lease: Seconds after which a person without an answer is given to others.
        repeats: Share of the pictures that are asked twice, to measure errors.
        kinds: Kinds of pictures to choose from.
        limit: Answered keypoints after which nothing more is asked. None is no limit.
        clock: The time in seconds since 1970.

    Raises:
        UserError: If the plan is invalid, or the journal damaged or of another plan.
    """

    def __init__(
        self,
        plan: str | os.PathLike[str],
        journal: str | os.PathLike[str],
        maps: str | os.PathLike[str] | None = None,
        seed: int = 0,
        *,
        images: str | os.PathLike[str] | None = None,
        lease: float = 300.0,
        repeats: float = REPEATS,
        kinds: Sequence[Kind] = KINDS,
        limit: int | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.plan = AskPlan(plan, images)
        self.seed, self._clock, self._share, self._limit = seed, clock, repeats, limit
        names = self.plan.keypoints
        given = None if maps is None else ModelMaps(maps, names)
        self._lock = threading.RLock()
        self._open: dict[str, Question] = {}
        self._leases = Leases(lease, clock)
        about = dict(keypoints=list(names), seed=seed)
        self._journal = Journal(journal, self.plan.hash, about)
        try:
            self._record = Record(self._journal, len(names))
        except BaseException:
            self._journal.close()
            raise
        prior = Prior(len(names), given, self.plan.partners)
        self._beliefs = Beliefs(self.plan, self._record, prior, tuple(kinds), seed)
        self._queue = PersonQueue(seed)
        self._fill()

    @property
    def keypoints(self) -> tuple[str, ...]:
        """Names of the keypoints."""
        return self.plan.keypoints

    @property
    def skeleton(self) -> tuple[tuple[int, int], ...]:
        """Limbs as pairs of indices of keypoints, from 0."""
        return self.plan.skeleton

    @property
    def sides(self) -> tuple[str, ...]:
        """'left', 'right' or '' of each keypoint."""
        return self.plan.sides

    def image_path(self, person: Person) -> Path:
        """The image of a person, inside the folder of the images."""
        return self.plan.image_path(person)

    def next(self, annotator: str) -> Question | None:
        """The question of an annotator: the one that is open, or the one that says most.

        Returns:
            None if nothing is left to ask this annotator now.
        """
        with self._lock:
            waiting = self._open.get(annotator)
            if waiting is not None and self._leases.take(waiting.person, annotator):
                return waiting
            self._open.pop(annotator, None)
            if self.is_over():
                return None
            chosen = self._repeat(annotator) or self._choose(annotator)
            if chosen is None:
                return None
            self._leases.take(chosen.person, annotator)
            self._open[annotator] = chosen
            return chosen

    def is_over(self) -> bool:
        """Whether nothing more is asked of anybody: all is settled, or the limit is reached."""
        with self._lock:
            reached = self._limit is not None and self._record.answers >= self._limit
            return reached or not len(self._queue)

    def upcoming(self, annotator: str) -> Person | None:
        """The person that probably comes after the present one, so that a page loads its image."""
        with self._lock:
            waiting = self._open.get(annotator)
            return self._next_person(annotator, waiting.person if waiting else None)

    def answer(
        self,
        annotator: str,
        question_id: str,
        values: Sequence[int | None],
        seconds: float,
        skipped: bool = False,
    ) -> None:
        """Take an answer; it is on disk when this returns.

        Args:
            annotator: Who answers.
            question_id: The question. An answer that was taken already is ignored.
            values: A tag for each asked keypoint; None is unknown.
            seconds: What the answer took.
            skipped: Whether the picture is passed over; the values are then ignored.

        Raises:
            UserError: 'answer' if the values are invalid, 'unknown-question' if this was not
                asked, 'disk-full' or 'not-writable'.
        """
        with self._lock:
            last = self._record.undoable(annotator)
            asked = self._open.get(annotator)
            if (
                last is not None
                and last['id'] == question_id
                and (asked is None or asked.id != question_id)
            ):
                return
            # After a restart the same question comes again.
            asked = asked or self.next(annotator)
            if asked is None or asked.id != question_id:
                fault = f'{annotator!r} was not asked this question.'
                place = f'question {question_id!r}'
                raise UserError('unknown-question', place, fault, 'Load the next question.')
            given = (None,) * len(asked.keypoints) if skipped else check_values(values, asked)
            if not isinstance(seconds, int | float) or not isfinite(seconds) or seconds < 0:
                fault = f'it took {seconds!r} seconds.'
                raise UserError('answer', f'question {asked.id}', fault, 'Give a number from 0.')
            self._take(Answer(asked, given, annotator, float(seconds), self._clock(), skipped))
            del self._open[annotator]

    def undo(self, annotator: str) -> Question | None:
        """Take back the annotator's latest answer.

        Returns:
            The question to answer again; None if there is none, or another annotator has the
            person.
        """
        with self._lock:
            last = self._record.undoable(annotator)
            if last is None or not self._leases.take(last['person'], annotator):
                return None
            self._record.take_back(annotator)
            back = answer_of(last).question
            self._beliefs.forget(back.person)
            self._queue.set(back.person, self._beliefs.rate(back.person))
            self._open[annotator] = back
            return back

    def progress(self, annotator: str) -> dict[str, Any]:
        """How far the session is.

        Returns:
            ``answers`` (keypoints answered), ``questions`` (pictures), ``persons_settled``,
            ``persons``, ``seconds_left``, ``limit`` (of answers, or None) and ``error``, the
            annotator's share of wrong answers.
        """
        with self._lock:
            return measure_progress(
                self._record, len(self.plan.persons), self._limit, self.is_over(), annotator
            )

    def export(self, path: str | os.PathLike[str]) -> None:
        """Write what is known now as a tag file; see ``export_answers``."""
        with self._lock:
            record = self._record
            answers = {person: record.about(person) for person in record.begun()}
            tags = export_answers(self.plan, answers, record.errors.estimate)
        tags.save(path)

    def belief(self, person: Person) -> Belief:
        """What is known of a person; do not change it."""
        with self._lock:
            return self._beliefs.belief(person)

    def close(self) -> None:
        """Release the journal."""
        self._journal.close()

    def __enter__(self) -> 'AskSession':
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _fill(self) -> None:
        """Queue the persons that are not done."""
        left, rates = self._record.left, self._record.rates
        fresh = [p for p in self.plan.persons if p not in left]
        self._queue.fill(fresh, self._beliefs.guess())
        for person, rate in rates.items():
            if left[person] and person in self.plan.persons:
                self._queue.set(person, rate)

    def _repeat(self, annotator: str) -> Question | None:
        """The picture that is due a second time."""
        before = self._record.due(annotator)
        if before is None:
            return None
        if not self._leases.free(before.question.person, annotator):
            self._record.give_up_repeat(annotator)
            return None
        old = before.question
        number = len(self._record.offsets[old.person])
        new_id = question_id(self.seed, old.person, number, f'again {old.id}')
        return Question(
            new_id, old.person, old.kind, old.keypoints, old.window, old.circles, repeat=True
        )

    def _choose(self, annotator: str) -> Question | None:
        person = self._next_person(annotator)
        proposal = None if person is None else self._beliefs.proposal(person)
        if person is None or proposal is None:
            return None
        return question(proposal, person, self.seed, len(self._record.offsets[person]))

    def _next_person(self, annotator: str, without: Person | None = None) -> Person | None:
        skipped = self._record.skipped[annotator]

        def allowed(person: Person) -> bool:
            free = self._leases.free(person, annotator)
            return free and person != without and person not in skipped

        best = self._queue.best(allowed, self._beliefs.rate)
        last = self._record.undoable(annotator)
        if last is None or best is None or last['person'] == best:
            return best
        # The person that is still before the eyes takes less time.
        stay: Person = last['person']
        proposal = self._beliefs.proposal(stay) if allowed(stay) else None
        rate = self._beliefs.rate(best)
        return best if proposal is None or rate is None or proposal.rate < rate else stay

    def _take(self, answer: Answer) -> None:
        person, record = answer.question.person, self._record
        before = record.due(answer.annotator) if answer.question.repeat else None
        number = len(record.offsets[person])
        error = record.errors.estimate(answer.annotator)
        more: dict[str, Any] = {}
        if before is not None:
            pairs = [(a, b) for (_, a), (_, b) in zip(before.tags(), answer.tags())]
            both = [(a, b) for a, b in pairs if is_known(a) and is_known(b)]
            more['compared'] = len(both), sum(a != b for a, b in both)
            more['again_of'] = record.due_offset(answer.annotator)
        elif not answer.skipped and self._again(person, number):
            more['again'] = True
        try:
            self._beliefs.update(answer, error)
            rate = self._beliefs.rate(person)
            left = 0 if rate is None else len(self._beliefs.belief(person).open_keypoints)
            more.update(open=left, rate=0.0 if rate is None else round(rate, 4))
            entry = entry_of(answer, **more)
            record.take(self._journal.append(entry), entry)
        except BaseException:
            self._beliefs.forget(person)
            raise
        self._beliefs.learn()
        self._queue.set(person, rate)
        self._leases.keep(answer.annotator, set() if answer.skipped else {person})

    def _again(self, person: Person, number: int) -> bool:
        return person_hash(self.seed, number, person, 'again') < self._share * 2.0**64
