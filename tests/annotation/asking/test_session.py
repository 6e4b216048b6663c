"""A session: who is asked what, what is kept, and what never leaves."""

import json

import numpy as np
import pytest

from lfhpe_mmpose.tags import load_tag_file
from tests.refusal import refuses

from .people import NAMES, Clock, annotator, answer_all, open_session, truth_of, write_plan


class TestAsking:
    """Which questions come, and to whom."""

    def test_answers_settle_every_person_at_its_place(self, tmp_path):
        """The belief ends at the truth, and hidden keypoints are found."""
        truth = truth_of(6)
        with open_session(tmp_path) as session:
            answer_all(session, annotator(truth))
            assert session.next('anna') is None
            assert session.progress('anna')['persons_settled'] == 6
            for person, points in truth.items():
                belief = session.belief(person)
                far = np.hypot(*(belief.places - points[:, :2]).T)
                assert (far[points[:, 2] > 0] < 10).all()
                assert ((belief.hidden > 0.9) == (points[:, 2] == 0)).all()

    def test_an_open_question_stays_until_it_is_answered(self, tmp_path):
        """A page that is loaded again shows the same picture."""
        with open_session(tmp_path) as session:
            assert session.next('anna') == session.next('anna')

    @pytest.mark.parametrize('seed', [0, 1])
    def test_first_windows_differ(self, tmp_path, seed):
        """Persons are not all asked about the same part of the box; the seed decides on which."""
        found = []
        for number in (seed, seed, 1 - seed):
            folder = tmp_path / str(len(found))
            folder.mkdir()
            with open_session(folder, 8, seed=number) as session:
                asked = [session.next(f'annotator {i}') for i in range(8)]
                found.append({q.person: q.window for q in asked if q.kind == 'window'})
        assert len(set(found[0].values())) > 4
        assert found[0] == found[1] != found[2]

    def test_two_annotators_never_have_the_same_person(self, tmp_path):
        """Four annotators at work on three persons."""
        truth = truth_of(3)
        with open_session(tmp_path, 3, repeats=0.5) as session:
            people = [annotator(truth, name) for name in ('anna', 'ben', 'cleo', 'dan')]
            while any(questions := [session.next(p.name) for p in people]):
                asked = [q.person for q in questions if q is not None]
                assert len(asked) == len(set(asked))
                i = next(i for i, q in enumerate(questions) if q is not None)
                said = people[i](questions[i])
                session.answer(people[i].name, questions[i].id, said.values, said.seconds)
                people.append(people.pop(0))

    def test_a_lease_expires(self, tmp_path):
        """A person without an answer goes to the next annotator."""
        clock = Clock()
        with open_session(tmp_path, 1, clock=clock, lease=60) as session:
            first = session.next('anna')
            assert session.next('ben') is None
            clock.now += 61
            assert session.next('ben') == first
            assert session.next('anna') is None

    def test_a_skipped_person_goes_to_others(self, tmp_path):
        """An annotator is not asked again about a person it passed over."""
        with open_session(tmp_path, 1) as session:
            question = session.next('anna')
            session.answer('anna', question.id, [], 1.0, skipped=True)
            assert session.next('anna') is None
            assert session.next('ben').person == 1

    def test_cannot_tell_ends(self, tmp_path):
        """A keypoint that cannot be told is not asked for ever."""
        with open_session(tmp_path, 2) as session:
            for _ in range(20):
                if (question := session.next('anna')) is None:
                    break
                session.answer('anna', question.id, [-1] * len(question.keypoints), 1.0)
            assert session.next('anna') is None

    @pytest.mark.parametrize(
        ('values', 'seconds'),
        [([1], 1.0), ([2, 0, 0, 0], 1.0), ([True, 0, 0, 0], 1.0), ([1, 0, 0, 0], float('nan'))],
    )
    def test_invalid_answers_are_refused(self, tmp_path, values, seconds):
        """Nothing of an invalid answer is kept."""
        with open_session(tmp_path) as session:
            question = session.next('anna')
            with refuses('answer', question.id):
                session.answer('anna', question.id, values, seconds)
            assert session.progress('anna')['questions'] == 0

    def test_an_answer_to_another_question_is_refused(self, tmp_path):
        """Only the open question can be answered."""
        with open_session(tmp_path) as session, refuses('unknown-question', 'other'):
            session.answer('anna', 'other', [1, 0, 0, 0], 1.0)


class TestUndo:
    """Taking answers back."""

    def test_it_brings_the_question_back(self, tmp_path):
        """The state is as before the answer."""
        truth = truth_of(6)
        with open_session(tmp_path) as session:
            answer_all(session, annotator(truth), most=12)
            before = session.progress('anna')
            question = session.next('anna')
            table = session.belief(question.person).table.copy()
            said = annotator(truth)(question)
            session.answer('anna', question.id, said.values, said.seconds)
            assert session.undo('anna') == session.next('anna') == question
            assert session.progress('anna') == before
            assert np.allclose(session.belief(question.person).table, table)

    def test_all_answers_can_be_taken_back(self, tmp_path):
        """Back to the start, repeats and errors included."""
        with open_session(tmp_path, repeats=0.3) as session:
            start = session.progress('anna')
            count = answer_all(session, annotator(truth_of(6), error=0.2), most=60)
            for _ in range(count):
                assert session.undo('anna') is not None
            assert session.undo('anna') is None
            assert session.progress('anna') == start


class TestRestart:
    """A journal that is opened again."""

    def test_a_session_goes_on_where_it_stopped(self, tmp_path):
        """Counts, errors and the open question survive."""
        truth = truth_of(6)
        people = [annotator(truth, name, error=0.05) for name in ('anna', 'ben')]
        with open_session(tmp_path, repeats=0.2) as session:
            answer_all(session, *people, most=30)
            session.undo('anna')
            before = [session.progress(p.name) for p in people], session.next('anna')
        with open_session(tmp_path, repeats=0.2) as session:
            session.undo('nobody')
            assert [session.progress(p.name) for p in people] == before[0]
            session.answer('anna', before[1].id, [0] * len(before[1].keypoints), 1.0)

    def test_the_same_answer_twice_counts_once(self, tmp_path):
        """A browser may send an answer again."""
        with open_session(tmp_path) as session:
            question = session.next('anna')
            session.answer('anna', question.id, [1, 0, 0, 0], 1.0)
            session.answer('anna', question.id, [1, 0, 0, 0], 1.0)
            assert session.progress('anna')['questions'] == 1

    def test_the_journal_of_another_plan_is_refused(self, tmp_path):
        """Its persons would be mixed up."""
        open_session(tmp_path, 3).close()
        write_plan(tmp_path, 4)
        with refuses('other-plan', tmp_path / 'journal.jsonl'):
            open_session(tmp_path)


class TestRepeats:
    """Pictures that come twice."""

    def test_errors_are_measured(self, tmp_path):
        """The estimate lies near the rate of the annotator."""
        truth = truth_of(40)
        people = [annotator(truth, 'careful'), annotator(truth, 'hasty', error=0.2)]
        with open_session(tmp_path, 40, repeats=0.3) as session:
            answer_all(session, *people)
            assert session.progress('careful')['error'] < 0.02
            assert 0.1 < session.progress('hasty')['error'] < 0.3

    def test_a_twentieth_of_the_pictures_comes_twice(self, tmp_path):
        """No two questions have the same id."""
        truth = truth_of(40)
        with open_session(tmp_path, 40) as session:
            count = answer_all(session, annotator(truth))
            lines = (tmp_path / 'journal.jsonl').read_text().splitlines()[1:]
        again = [e for e in map(json.loads, lines) if e.get('repeat')]
        assert 0.02 < len(again) / count < 0.1
        assert len({json.loads(line)['id'] for line in lines}) == count

    def test_a_repeat_that_is_taken_back_still_counts(self, tmp_path):
        """Answered again, it is compared with the first answer as before."""
        person = annotator(truth_of(6), error=0.3)
        with open_session(tmp_path, repeats=0.5) as session:
            while not (question := session.next('anna')).repeat:
                said = person(question)
                session.answer('anna', question.id, said.values, said.seconds)
            values = [0] * len(question.keypoints)
            session.answer('anna', question.id, values, 1.0)
            before = session.progress('anna')
            assert session.undo('anna') == question
            assert session.progress('anna')['error'] != before['error']
            session.answer('anna', question.id, values, 1.0)
            assert session.progress('anna') == before


class TestBlindness:
    """Coordinates in the file of a plan."""

    def test_coordinates_in_the_file_change_nothing(self, tmp_path):
        """Journal and export are the same to the byte."""
        truth = truth_of(4)
        journals = []
        for name, secrets in (('with', truth_of(4, seed=9)), ('without', None)):
            write_plan(tmp_path / name, 4, secrets)
            with open_session(tmp_path / name) as session:
                answer_all(session, annotator(truth))
                session.export(tmp_path / name / 'tags.json')
            journals.append((tmp_path / name / 'journal.jsonl').read_text())
        assert journals[0] == journals[1]
        exported = [(tmp_path / n / 'tags.json').read_text() for n in ('with', 'without')]
        assert exported[0] == exported[1]
        assert 'keypoints"' not in json.dumps(
            load_tag_file(tmp_path / 'with/tags.json').annotations
        )


class TestProperties:
    """What the page needs beside questions."""

    def test_names_limbs_and_sides(self, tmp_path):
        """Of the keypoint set, and the image of a person."""
        with open_session(tmp_path) as session:
            assert session.keypoints == tuple(NAMES)
            assert session.skeleton == ((0, 1), (0, 2))
            assert session.sides == ('', 'left', 'right', '')
            assert session.image_path(2) == tmp_path / 'images' / '2.png'
