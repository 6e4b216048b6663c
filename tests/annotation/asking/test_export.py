"""The tag file of a session."""

import numpy as np
import pytest

from lfhpe_mmpose.annotation.asking import Answer, Question
from lfhpe_mmpose.annotation.asking.export import tags_and_views
from lfhpe_mmpose.cli import main
from lfhpe_mmpose.tags import load_tag_file

from .people import annotator, answer_all, open_session, truth_of

KEYS = ('id', 'image_id', 'category_id', 'bbox', 'tag_views', 'answer_error')
WINDOW = (10.0, 10.0, 40.0, 40.0)


def said(kind, keypoints, values, circles=()) -> Answer:
    """An answer about a fixed window."""
    return Answer(Question('', 1, kind, keypoints, WINDOW, circles), values)


class TestViews:
    """Answers become views."""

    def test_a_window_is_one_view(self):
        """Keypoints that were not asked are unknown."""
        out = tags_and_views([said('window', (0, 2), (1, 0))], 4)
        assert out == dict(tag_views=[dict(bbox=list(WINDOW), keypoint_tags=[1, -1, 0, -1])])

    def test_the_whole_person_has_the_tags(self):
        """None and "cannot tell" are unknown."""
        out = tags_and_views([said('whole', (0, 1, 2), (1, None, -1))], 4)
        assert out == dict(keypoint_tags=[1, -1, -1, -1])

    @pytest.mark.parametrize(('value', 'half'), [(1, 10.0), (0, 10 / np.sqrt(2))])
    def test_a_circle_is_a_square_that_is_true(self, value, half):
        """Around the circle if it holds the keypoint, inside it if not."""
        out = tags_and_views([said('confirm', (1,), (value,), ((1, 50.0, 60.0, 10.0),))], 2)
        (view,) = out['tag_views']
        assert view['bbox'] == pytest.approx([50 - half, 60 - half, 2 * half, 2 * half], abs=0.01)
        assert view['keypoint_tags'] == [-1, value]

    def test_a_square_stays_in_the_window(self):
        """Where no keypoint is looked for, the square has no part."""
        circle = ((1, 5.0, 60.0, 10.0),)
        out = tags_and_views([said('confirm', (1,), (1,), circle)], 2, (2.0, 0.0, 50.0, 65.0))
        assert out['tag_views'][0]['bbox'] == [2.0, 50.0, 13.0, 15.0]

    def test_repeats_that_differ_are_unknown(self):
        """Those that agree count once."""
        out = tags_and_views([said('window', (0, 1), (1, 0)), said('window', (0, 1), (1, 1))], 2)
        assert out['tag_views'] == [dict(bbox=list(WINDOW), keypoint_tags=[1, -1])]


class TestExport:
    """The whole file."""

    def test_it_is_the_truth_and_valid(self, tmp_path, capsys):
        """Every tag is right, and `lfhpe check` finds no error."""
        truth = truth_of(6)
        with open_session(tmp_path) as session:
            count = answer_all(session, annotator(truth), annotator(truth, 'ben'))
            session.export(tmp_path / 'tags.json')
            answers = session.progress('anna')['answers']
        tags = load_tag_file(tmp_path / 'tags.json')
        info = tags.rest['info']
        assert [a['name'] for a in info['annotators']] == ['anna', 'ben']
        assert sum(a['pictures'] for a in info['annotators']) == count
        assert sum(a['answers'] for a in info['annotators']) == answers
        assert 0 < info['answer_error'] < 0.05
        for annotation in tags.annotations:
            assert annotation.keys() <= {*KEYS, 'keypoint_tags'}
            points = truth[annotation['id']]
            for view in annotation['tag_views']:
                x, y, w, h = view['bbox']
                inside = (
                    (points[:, 2] > 0) & (points[:, 0] >= x - 0.01) & (points[:, 1] >= y - 0.01)
                )
                inside &= (points[:, 0] < x + w + 0.01) & (points[:, 1] < y + h + 0.01)
                for tag, here in zip(view['keypoint_tags'], inside, strict=True):
                    assert tag in (-1, int(here))
        main(['check', str(tmp_path / 'tags.json'), '--images', str(tmp_path / 'images')])
        assert ' 0 errors' in capsys.readouterr().out
