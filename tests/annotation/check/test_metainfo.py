"""Tests of a file against the keypoints of a data set."""

import pytest

from tests.refusal import refuses

from .files import NAMES, check, found, good


def metainfo(folder, names=NAMES, swap=None):
    """A metainfo file of some keypoints."""
    swap = {'left_wrist': 'right_wrist', 'right_wrist': 'left_wrist'} if swap is None else swap
    points = {i: dict(name=n, id=i, swap=swap.get(n, '')) for i, n in enumerate(names)}
    text = (
        f"dataset_info = dict(dataset_name='x', keypoint_info={points!r}, skeleton_info={{}}, "
        f'joint_weights={[1.0] * len(names)}, sigmas={[0.1] * len(names)})\n'
    )
    path = folder / 'keypoints.py'
    path.write_text(text)
    return str(path)


class TestMetainfo:
    """Names, order, exchanged sides."""

    def test_same(self, tmp_path):
        """The same names in the same order, and exchanged sides."""
        assert found(check(tmp_path, good(), metainfo=metainfo(tmp_path))) == {}

    def test_names_from_metainfo(self, tmp_path):
        """A file whose categories have no keypoints is read with those of the metainfo."""
        data = good()
        del data['categories'][0]['keypoints'], data['categories'][0]['skeleton']
        report = check(tmp_path, data, metainfo=metainfo(tmp_path))
        assert found(report) == {}
        assert list(report.keypoint_sets[0]['keypoints']) == NAMES

    @pytest.mark.parametrize(
        'names, count',
        [(['nose', 'left_wirst', 'right_wrist'], 2), (NAMES[::-1], 1), ([*NAMES, 'tail'], 1)],
    )
    def test_other_names(self, tmp_path, names, count):
        """Other names (both are reported), another order, another number."""
        report = check(tmp_path, good(), metainfo=metainfo(tmp_path, names, {}))
        assert found(report)['metainfo-names'] == (count, ['categories[0].keypoints'] * count)

    @pytest.mark.parametrize(
        'swap',
        [
            {},
            {'left_wrist': 'right_wrist'},
            {'left_wrist': 'right_wrist', 'right_wrist': 'nose', 'nose': 'right_wrist'},
        ],
    )
    def test_swap(self, tmp_path, swap):
        """A swap that is missing or one-sided."""
        result = found(check(tmp_path, good(), metainfo=metainfo(tmp_path, swap=swap)))
        assert result == {'metainfo-swap': (1, ['keypoints.py'])}

    def test_pair_of_metainfo(self, tmp_path):
        """A name without its other side is valid where the metainfo has a partner for it."""
        names = ['nose', 'left_wrist', 'other_wrist']
        data = good()
        data['categories'][0]['keypoints'] = names
        assert 'no-flip-pair' in found(check(tmp_path, data))
        swap = {'left_wrist': 'other_wrist', 'other_wrist': 'left_wrist'}
        result = found(check(tmp_path, data, metainfo=metainfo(tmp_path, names, swap)))
        assert 'no-flip-pair' not in result

    @pytest.mark.parametrize('name', ['CocoDataset', 'coco.py'])
    def test_by_name(self, tmp_path, name):
        """Data set classes and metainfo files of MMPose are known by name."""
        assert found(check(tmp_path, good(), metainfo=name))['metainfo-names'][0] == 14

    @pytest.mark.parametrize('source', ['CocoDatset', 'nothing.py', 'broken.py'])
    def test_unreadable(self, tmp_path, source, monkeypatch):
        """A file or name that is not a metainfo."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / 'broken.py').write_text("dataset_info = dict(dataset_name='x')\n")
        with refuses('metainfo', place=source):
            check(tmp_path, good(), metainfo=source)
