"""Tests of what tags can teach."""

import pytest

from lfhpe_mmpose.annotation.check import tally

from .files import check, found, good


def people(*tags, **more):
    """A file with persons of the given tags."""
    data = good()
    data['annotations'] = [
        dict(id=i, image_id=1, category_id=1, keypoint_tags=list(t), **more)
        for i, t in enumerate(tags)
    ]
    return data


class TestTally:
    """It takes pictures with and without a keypoint."""

    @pytest.mark.parametrize(
        'nose, code, entry',
        [
            ([1, 1], 'never-absent', "keypoint 'nose': 2 seen, 0 not seen, 0 unknown"),
            ([1, -1], 'never-absent', '1 seen, 0 not seen, 1 unknown'),
            ([0, 0], 'never-present', '0 seen, 2 not seen, 0 unknown'),
            ([-1, -1], 'never-tagged', 'no known tag (2 unknown)'),
        ],
    )
    def test_one_sided(self, tmp_path, nose, code, entry):
        """A keypoint with one tag only is an error."""
        report = check(tmp_path, people([nose[0], 1, 0], [nose[1], 0, 1]))
        assert found(report)[code] == (1, [f"keypoint 'nose': {entry.split(': ')[-1]}"])
        assert len(found(report)) == 1 and report.status() == 1

    def test_views_count(self, tmp_path):
        """A view without the keypoint is enough."""
        data = people([1, 1, 0], [1, 0, 1])
        view = dict(bbox=[0, 0, 9, 9], keypoint_tags={'nose': 0})
        data['annotations'][0]['tag_views'] = [view]
        assert found(check(tmp_path, data)) == {}

    def test_located(self, tmp_path):
        """Where coordinates teach the keypoint it is a warning."""
        data = people([1, 1, 0], [1, 0, 1])
        data['annotations'][0]['keypoints'] = [5, 5, 2, 0, 0, 0, 0, 0, 0]
        report = check(tmp_path, data)
        assert report.status() == 0 and report.status(strict=True) == 1
        assert '1 persons have its coordinates' in found(report)['never-absent'][1][0]

    def test_crowds_do_not_count(self, tmp_path):
        """Tags of a crowd are not used in training."""
        data = people([1, 1, 0], [1, 0, 1], [0, 0, 0])
        data['annotations'][2]['iscrowd'] = 1
        assert list(found(check(tmp_path, data))) == ['never-absent']

    @pytest.mark.parametrize('batch', [1, 2, 3])
    def test_batches(self, tmp_path, monkeypatch, batch):
        """Nothing is lost at the end of a batch."""
        monkeypatch.setattr(tally, '_BATCH', batch)
        report = check(tmp_path, people(*[[1, 0, -1]] * 5, [0, 1, 1], [0, 1, 0]))
        counts = [tuple(c.values()) for c in report.keypoint_sets[0]['keypoints'].values()]
        assert counts == [(5, 2, 0, 0), (2, 5, 0, 0), (1, 1, 5, 0)]
