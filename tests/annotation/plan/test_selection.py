"""Pictures that are answered already."""

from lfhpe_mmpose.annotation.plan.selection import not_answered
from lfhpe_mmpose.tags import TagFile
from tests.refusal import refuses

from .people import plan_people


class TestSelection:
    """`not_answered`."""

    def test_answered_pictures_are_left_out(self, people, tmp_path):
        """By person and window, whatever the seed of the order; unknown is not an answer."""
        planned = plan_people(people, tmp_path / 'a', views=3)
        done = TagFile.new(planned.plan.names())
        first, second = planned.plan.annotations[:2]
        known = [1] + [-1] * 13
        windows = [dict(v, keypoint_tags=known) for v in first['tag_views'][1:]]
        done.annotations = [
            dict(first, keypoint_tags=known, tag_views=windows),
            {**second, 'keypoint_tags': [-1] * 14},
        ]
        again = plan_people(people, tmp_path / 'b', views=3, done=done)
        left = {(p.annotation, p.view) for p in planned.pictures}
        left -= {(first['id'], 0), (first['id'], 2)}
        assert {(p.annotation, p.view) for p in again.pictures} == left

    def test_tags_of_other_pictures_are_refused(self, people, tmp_path):
        """Another seed draws other views."""
        planned = plan_people(people, tmp_path / 'a', views=3)
        done = TagFile.new(planned.plan.names())
        first = planned.plan.annotations[0]
        done.annotations = [
            dict(first, tag_views=[dict(first['tag_views'][0], keypoint_tags=[1] * 14)])
        ]
        with refuses('other-plan', place=done.path):
            plan_people(people, tmp_path / 'b', views=3, seed=6, done=done)
        assert len(not_answered(planned.pictures, planned.plan.annotations, done)) == 143
