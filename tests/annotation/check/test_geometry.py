"""Tests of boxes, views and points against their image."""

import pytest

from lfhpe_mmpose.annotation.check import geometry

from .files import check, found, good, one
from .test_persons import put, view


class TestGeometry:
    """What lies outside of an image of 640x480, or of 64x60, is told."""

    @pytest.mark.parametrize(
        'change, code, entry',
        [
            (
                put(0, bbox=[640, 0, 10, 10]),
                'box-outside',
                'annotations[0] (id 11).bbox [640, 0, 10, 10] in an image of 640x480',
            ),
            (put(0, bbox=[-10, 0, 10, 10]), 'box-outside', 'annotations[0]'),
            (put(0, bbox=[0, 480, 10, 10]), 'box-outside', 'annotations[0]'),
            (put(2, bbox=[100, 5, 10, 10]), 'box-outside', 'in an image of 64x60'),
            (
                view(bbox=[0, -30, 10, 30]),
                'view-outside',
                'annotations[1] (id 12).tag_views[0].bbox [0, -30, 10, 30]',
            ),
            (view(bbox=[600, 0, 50, 10]), 'view-partly-outside', 'tag_views[0]'),
            (view(bbox=[0, -5, 50, 10]), 'view-partly-outside', 'tag_views[0]'),
            (
                put(2, keypoints=[65.5, 50, 2, 36.5, 17, 1, 0, 0, 0]),
                'point-outside',
                "annotations[2] (id 13).keypoints: 'nose' at (65.5, 50) in an image of 64x60",
            ),
            (put(2, keypoints=[5, -1.5, 2, 36.5, 17, 1, 0, 0, 0]), 'point-outside', '(5, -1.5)'),
            (put(2, keypoints=[5, 1, 2, 36.5, 61.5, 1, 0, 0, 0]), 'point-outside', "'left_wrist'"),
        ],
    )
    def test_outside(self, tmp_path, change, code, entry):
        """One fault is told once, with the size of the image."""
        got = one(tmp_path, change)
        assert got[0] == code and entry in got[1], got

    def test_at_the_border(self, tmp_path):
        """The border, a rounded view, a point that is not there, a person box that sticks out."""
        data = good()
        data['annotations'][0]['bbox'] = [-20, -20, 700, 700]
        data['annotations'][1]['tag_views'][0]['bbox'] = [-0.5, -1, 641, 481]
        data['annotations'][2]['keypoints'] = [65, 61, 2, -0.5, -1, 1, -900, -900, 0]
        assert found(check(tmp_path, data)) == {}

    @pytest.mark.parametrize('batch', [1, 2, 3])
    def test_batches(self, tmp_path, monkeypatch, batch):
        """Nothing is lost or told twice at the end of a batch."""
        data = good()
        data['annotations'] += [
            dict(
                id=100 + i, image_id=1, category_id=1, bbox=[700, 0, 5, 5], keypoint_tags=[1, 0, 1]
            )
            for i in range(7)
        ]
        monkeypatch.setattr(geometry, '_BATCH', batch)
        count, entries = found(check(tmp_path, data, max_shown=9))['box-outside']
        assert count == 7
        assert [f'annotations[{5 + i}] (id {100 + i}).bbox' in e for i, e in enumerate(entries)]

    def test_size_unknown(self, tmp_path):
        """Without a size nothing is outside, and the missing size is told."""
        data = good()
        del data['images'][0]['width']
        data['annotations'][0]['bbox'] = [900, 0, 10, 10]
        assert list(found(check(tmp_path, data))) == ['malformed']
