"""The journal: what is on disk, and what a torn or foreign file does."""

import json

import pytest

from lfhpe_mmpose.annotation.asking import Answer, Question
from lfhpe_mmpose.annotation.asking.journal import Journal, answer_of, entry_of
from tests.refusal import refuses

from .people import annotator, answer_all, open_session, truth_of

ANSWER = Answer(
    Question(
        'a1',
        3,
        'confirm',
        (0, 2),
        (1.0, 2.0, 30.0, 40.0),
        ((0, 5.0, 6.0, 2.5), (2, 9.0, 8.0, 5.0)),
    ),
    (1, None),
    'Zoë',
    2.5,
    1000.0,
)


class TestJournal:
    """One file, one process, one line an answer."""

    def test_an_answer_comes_back_as_it_was(self, tmp_path):
        """Kinds, circles, unknown values and names."""
        journal = Journal(tmp_path / 'j.jsonl', 'plan')
        offset = journal.append(entry_of(ANSWER))
        assert answer_of(journal.read(offset)) == ANSWER
        assert [answer_of(entry) for _, entry in journal.entries()] == [ANSWER]
        journal.close()

    def test_it_is_on_disk_at_once(self, tmp_path):
        """A reader of the file sees the line before the journal is closed."""
        journal = Journal(tmp_path / 'j.jsonl', 'plan')
        journal.append(entry_of(ANSWER))
        lines = (tmp_path / 'j.jsonl').read_text().splitlines()
        assert json.loads(lines[1])['id'] == 'a1'
        journal.close()

    @pytest.mark.parametrize('cut', [1, 7, 60])
    def test_a_torn_last_line_is_dropped(self, tmp_path, cut):
        """What kill -9 leaves behind; the answers before it count."""
        path = tmp_path / 'journal.jsonl'
        with open_session(tmp_path, 3) as session:
            answer_all(session, annotator(truth_of(3)), most=5)
        path.write_bytes(path.read_bytes()[:-cut])
        with open_session(tmp_path, 3) as session:
            assert session.progress('anna')['questions'] == 4
            answer_all(session, annotator(truth_of(3)), most=1)
        assert len(list(map(json.loads, path.read_text().splitlines()))) == 6

    def test_a_second_process_is_refused(self, tmp_path):
        """Two servers would mix their lines."""
        with open_session(tmp_path), refuses('locked', tmp_path / 'journal.jsonl'):
            open_session(tmp_path)

    @pytest.mark.parametrize(
        ('content', 'code', 'place'),
        [
            ('{"plan": 1}\n', 'damaged', ''),
            ('words\n', 'damaged', ''),
            ('a line of another file that does not end', 'damaged', ''),
            ('{"journal":9, "plan": "plan"}\n', 'version', ''),
            ('{"journal":1, "plan": "other"}\n', 'other-plan', ''),
            ('{"journal":1, "plan": "plan"}\n{"id": 1}\nno\n', 'damaged', 'line 3'),
        ],
    )
    def test_other_files_are_refused(self, tmp_path, content, code, place):
        """The message names the line."""
        path = tmp_path / 'j.jsonl'
        path.write_text(content)
        with refuses(code, place):
            list(Journal(path, 'plan').entries())
        assert path.read_text() == content

    def test_a_line_without_an_answer_is_refused(self, tmp_path):
        """It is JSON, but no answer."""
        open_session(tmp_path).close()
        with open(tmp_path / 'journal.jsonl', 'a') as file:
            file.write('{"person": 1}\n')
        with refuses('damaged', 'journal.jsonl'):
            open_session(tmp_path)
