"""Tests of putting answers back to a plan."""

from copy import deepcopy

import pytest

from lfhpe_mmpose.annotation.converters import put_back
from tests.refusal import refuses

from .making import make_plan


class TestPutBack:
    """Answers about pictures become tags of persons and views."""

    def test_places(self):
        """Each answer reaches its person and view; whoever was not answered is dropped."""
        plan = make_plan()
        before = deepcopy(plan)
        answers = [('C:\\crops\\17_0.jpg', [1, 0, -1], 'a'), ('/d/views/17_2.jpg', [0, 0, 1], 'b')]
        tags = put_back(plan, answers)
        assert plan == before
        (person,) = tags.annotations
        assert person['id'] == 17
        assert person['keypoint_tags'] == [1, 0, -1]
        assert person['tag_views'] == [dict(bbox=[17, 9, 30, 30], keypoint_tags=[0, 0, 1])]
        assert 'plan' not in tags.rest

    def test_view_alone(self):
        """A person whose view alone was answered has no tags of the whole person."""
        (person,) = put_back(make_plan(), [('18_2.jpg', [1, 1, 1], 'a')]).annotations
        assert person['id'] == 18
        assert 'keypoint_tags' not in person
        assert len(person['tag_views']) == 1

    def test_all_unknown(self):
        """Tags that are all unknown count as no answer."""
        assert put_back(make_plan(), [('17_0.jpg', [-1, -1, -1], 'a')]).annotations == []
        answers = [('17_0.jpg', [1, 0, 1], 'a'), ('17_0.jpg', [-1, -1, -1], 'b')]
        (person,) = put_back(make_plan(), answers).annotations
        assert person['keypoint_tags'] == [1, 0, 1]

    def test_agreement(self):
        """The same answer twice is one answer."""
        answers = [('17_1.jpg', [1, 0, 1], 'a'), ('17_1.jpg', [1, 0, 1], 'b')]
        (person,) = put_back(make_plan(), answers).annotations
        assert person['tag_views'][0]['keypoint_tags'] == [1, 0, 1]

    def test_conflict(self):
        """Different answers are an error that names both, or unknown where they differ."""
        answers = [('17_0.jpg', [1, 0, 1], 'first'), ('17_0.jpg', [1, 1, 1], 'second')]
        with refuses('conflict', place='second') as caught:
            put_back(make_plan(), answers)
        assert 'left_wrist is 0 in first and 1 here' in caught.value.fault
        for order in (answers, answers[::-1], [*answers, answers[1], answers[0]]):
            tags = put_back(make_plan(), order, conflicts='unknown')
            assert tags.annotations[0]['keypoint_tags'] == [1, -1, 1]
        opposite = [('17_0.jpg', [1, 1, 1], 'a'), ('17_0.jpg', [0, 0, 0], 'b')]
        assert put_back(make_plan(), opposite, 'unknown').annotations == []

    def test_other_picture(self):
        """A picture of another plan is refused, and never guessed."""
        with refuses('unknown-picture', place='row 3') as caught:
            put_back(make_plan(), [('17_7.jpg', [1, 1, 1], 'row 3')])
        assert 'Did you mean' in caught.value.remedy

    @pytest.mark.parametrize(
        ('change', 'place'),
        [
            (lambda p: p.rest.pop('plan'), 'plan.json'),
            (lambda p: p.rest['plan'].update(pictures=[3]), 'plan.pictures[0]'),
            (lambda p: p.rest['plan']['pictures'][1].update(annotation=9), 'plan.pictures[1]'),
            (lambda p: p.rest['plan']['pictures'][1].update(annotation=[9]), 'plan.pictures[1]'),
            (lambda p: p.rest['plan']['pictures'][1].update(view=3), 'plan.pictures[1]'),
            (lambda p: p.rest['plan']['pictures'][1].update(view=True), 'plan.pictures[1]'),
            (lambda p: p.rest['plan']['pictures'][1].update(file='x/17_0.jpg'), 'pictures[1]'),
        ],
    )
    def test_no_plan(self, change, place):
        """A file that is not a plan, or contradicts itself, is refused at the entry."""
        plan = make_plan()
        change(plan)
        with refuses('plan', place=place):
            put_back(plan, [])
