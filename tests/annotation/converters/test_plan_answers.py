"""Tests of putting answers back to a plan."""

from copy import deepcopy

import pytest

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.annotation.converters import put_back

from .making import make_plan


class TestPutBack:
    """Answers about pictures become tags of persons and views."""

    def test_places(self):
        """Each answer reaches its person and view, and what nobody answered is dropped."""
        plan = make_plan()
        before = deepcopy(plan)
        tags = put_back(
            plan,
            [
                ('C:\\crops\\17_0.jpg', [1, 0, -1], 'a'),
                ('/data/views/17_2.jpg', [0, 0, 1], 'b'),
            ],
        )
        assert plan == before
        assert [a['id'] for a in tags.annotations] == [17]
        person = tags.annotations[0]
        assert person['keypoint_tags'] == [1, 0, -1]
        assert person['tag_views'] == [dict(bbox=[17, 9, 30, 30], keypoint_tags=[0, 0, 1])]
        assert 'plan' not in tags.rest

    def test_view_alone(self):
        """A person whose view alone was answered has no tags of his own."""
        tags = put_back(make_plan(), [('18_2.jpg', [1, 1, 1], 'a')])
        assert [a['id'] for a in tags.annotations] == [18]
        assert 'keypoint_tags' not in tags.annotations[0]
        assert len(tags.annotations[0]['tag_views']) == 1

    def test_all_unknown(self):
        """A picture of which nothing could be told was not answered."""
        assert put_back(make_plan(), [('17_0.jpg', [-1, -1, -1], 'a')]).annotations == []

    def test_agreement(self):
        """The same answer twice is one answer."""
        answers = [('17_1.jpg', [1, 0, 1], 'a'), ('17_1.jpg', [1, 0, 1], 'b')]
        assert put_back(make_plan(), answers).annotations[0]['tag_views'][0]['keypoint_tags'] == [
            *(1, 0, 1)
        ]

    def test_conflict(self):
        """Two different answers are an error that names both, or unknown where they differ."""
        answers = [('17_0.jpg', [1, 0, 1], 'first'), ('17_0.jpg', [1, 1, 1], 'second')]
        with pytest.raises(UserError, match=r'second: 17_0.jpg .*left_wrist is 0 in first and 1'):
            put_back(make_plan(), answers)
        for order in (answers, answers[::-1], [*answers, answers[1], answers[0]]):
            tags = put_back(make_plan(), order, conflicts='unknown')
            assert tags.annotations[0]['keypoint_tags'] == [1, -1, 1]
        opposite = [('17_0.jpg', [1, 1, 1], 'a'), ('17_0.jpg', [0, 0, 0], 'b')]
        assert put_back(make_plan(), opposite, 'unknown').annotations == []

    def test_other_picture(self):
        """A picture of another plan is refused, and never guessed."""
        with pytest.raises(UserError, match=r"row 3: '17_7.jpg' is no picture .*Did you mean"):
            put_back(make_plan(), [('17_7.jpg', [1, 1, 1], 'row 3')])

    @pytest.mark.parametrize(
        ('change', 'message'),
        [
            (lambda p: p.rest.pop('plan'), 'no annotation plan'),
            (lambda p: p.rest['plan'].update(pictures=[3]), r'pictures\[0\] is no object'),
            (lambda p: p.rest['plan']['pictures'][1].update(annotation=9), 'no annotation has'),
            (lambda p: p.rest['plan']['pictures'][1].update(annotation=[9]), 'no annotation has'),
            (lambda p: p.rest['plan']['pictures'][1].update(view=3), 'has 2 tag_views'),
            (lambda p: p.rest['plan']['pictures'][1].update(view=True), 'has 2 tag_views'),
            (lambda p: p.rest['plan']['pictures'][1].update(file='x/17_0.jpg'), 'second picture'),
        ],
    )
    def test_no_plan(self, change, message):
        """A file that is no plan, or does not fit itself, is told by the entry."""
        plan = make_plan()
        change(plan)
        with pytest.raises(UserError, match=message):
            put_back(plan, [])

    def test_unknown_rule(self):
        """What becomes of conflicts is one of two words."""
        with pytest.raises(UserError, match="conflicts is 'first'"):
            put_back(make_plan(), [], conflicts='first')
