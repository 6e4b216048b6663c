"""How far a session is, and how long the rest takes."""

from .people import annotator, answer_all, open_session, truth_of


class TestProgress:
    """What the page shows."""

    def test_before_the_first_answer(self, tmp_path):
        """Six persons of nine pictures of five seconds."""
        with open_session(tmp_path) as session:
            progress = session.progress('anna')
            assert progress['seconds_left'] == 6 * 9 * 5
            assert (progress['answers'], progress['persons'], progress['limit']) == (0, 6, None)

    def test_the_rest_follows_the_answers(self, tmp_path):
        """It falls as persons are done, by the pictures and seconds that they took."""
        worker = annotator(truth_of(6))
        with open_session(tmp_path, repeats=0) as session:
            seen = []
            while (asked := session.next('anna')) is not None:
                said = worker(asked)
                session.answer('anna', asked.id, said.values, 2.0)
                seen.append(session.progress('anna'))
            assert seen[-1]['seconds_left'] == 0
            half = next(p for p in seen if p['persons_settled'] == 3)
            after = 2 * (seen[-1]['questions'] - half['questions'])
            assert 0.5 * after < half['seconds_left'] < 2 * after

    def test_a_limit_ends_it_sooner(self, tmp_path):
        """With 20 answers allowed, the seconds are those of the answers that are left."""
        worker = annotator(truth_of(6))
        with open_session(tmp_path, repeats=0, limit=20) as session:
            asked = session.next('anna')
            session.answer('anna', asked.id, worker(asked).values, 3.0)
            progress = session.progress('anna')
            given = progress['answers']
            assert progress['seconds_left'] == round((20 - given) * 3.0 / given)
            answer_all(session, worker)
            assert session.progress('anna')['seconds_left'] == 0
