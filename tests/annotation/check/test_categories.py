"""Tests of keypoint names, skeletons, left and right."""

import pytest

from lfhpe_mmpose.errors import UserError

from .files import NAMES, check, found, good, one


def put(**values):
    """A change of the category; KeyError removes a key."""

    def change(data):
        data['categories'][0].update(values)
        for key in [k for k, v in values.items() if v is KeyError]:
            del data['categories'][0][key]

    return change


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


class TestCategories:
    """Each fault of a category."""

    @pytest.mark.parametrize(
        'change, code, entry',
        [
            (put(skeleton=[[0, 1]]), 'skeleton', 'skeleton[0] is [0, 1], not two numbers from 1'),
            (put(skeleton=[[1, 2], [3, 4]]), 'skeleton', 'skeleton[1] is [3, 4]'),
            (put(skeleton=[[1, 2, 3]]), 'skeleton', 'skeleton[0]'),
            (put(skeleton='no'), 'skeleton', "skeleton is 'no'"),
            (put(name=KeyError), 'malformed', 'categories[0].name is missing'),
            (lambda d: d['categories'].append(1), 'malformed', 'categories[1] is 1, no object'),
            (
                lambda d: d['categories'].append({'id': 1, 'name': 'b'}),
                'duplicate-id',
                'categories[1] has the id 1',
            ),
            (
                lambda d: d['categories'].append({'id': None, 'name': 'b'}),
                'malformed',
                'categories[1].id is None',
            ),
        ],
    )
    def test_fault(self, tmp_path, change, code, entry):
        """One fault is told once, with the entry."""
        got = one(tmp_path, change)
        assert got[0] == code and entry in got[1], got

    @pytest.mark.parametrize(
        'names, code, entry',
        [
            (['nose', 'nose', 'tail'], 'keypoint-names', "keypoints[1] is 'nose', there before"),
            (['nose', ' ', 'tail'], 'keypoint-names', "keypoints[1] is ' ', empty"),
            (['nose', 3, 'tail'], 'malformed', 'no list of names'),
            ('nose', 'malformed', "is 'nose', no list of names"),
            ([], 'no-keypoints', 'none of 1 has keypoints'),
            (None, 'no-keypoints', 'none of 1 has keypoints'),
            (['nose', 'left_wrist', 'tail'], 'no-flip-pair', "'left_wrist' has no other side"),
        ],
    )
    def test_names(self, tmp_path, names, code, entry):
        """Names that cannot be used."""
        data = good()
        put(keypoints=names)(data)
        result = found(check(tmp_path, data))
        assert entry in result[code][1][0]

    def test_several_categories(self, tmp_path):
        """Categories with the same keypoints, or with none, are one set; else it is an error."""
        data = good()
        data['categories'].append({'id': 2, 'name': 'dog', 'keypoints': NAMES})
        data['categories'].append({'id': 3, 'name': 'car'})
        data['annotations'][0]['category_id'] = 2
        data['annotations'][3]['category_id'] = 3
        assert found(check(tmp_path, data)) == {}
        data['categories'][1]['keypoints'] = ['head', 'tail']
        data['annotations'][0]['keypoint_tags'] = {'head': 1, 'tail': 0}
        data['annotations'][3]['category_id'] = 2
        data['annotations'][3]['keypoint_tags'] = [0, 1]
        report = check(tmp_path, data)
        result = found(report)
        assert result['keypoint-sets'][1] == [
            'categories[0], categories[1] have different keypoints'
        ]
        assert [list(s['keypoints']) for s in report.keypoint_sets] == [NAMES, ['head', 'tail']]
        counts = report.keypoint_sets[1]['keypoints']['head']
        assert counts == dict(seen=1, absent=1, unknown=0, located=0)


class TestMetainfo:
    """The file against the keypoints of a data set."""

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
        'names, entries',
        [
            (
                ['nose', 'left_wirst', 'right_wrist'],
                [
                    "'left_wrist' is not in keypoints.py; did you mean 'left_wirst'?",
                    "lacks 'left_wirst' of keypoints.py",
                ],
            ),
            (
                NAMES[::-1],
                ["has another order: 'nose' is number 1, in keypoints.py 'right_wrist'"],
            ),
            ([*NAMES, 'tail'], ["lacks 'tail'"]),
        ],
    )
    def test_other_names(self, tmp_path, names, entries):
        """Other names, another order, another number."""
        swap = {a: b for a, b in zip(names[1:], names[2:0:-1])} if len(names) == 3 else None
        swap = {} if names == NAMES[::-1] else swap
        result = found(check(tmp_path, good(), metainfo=metainfo(tmp_path, names, swap)))
        count, told = result['metainfo-names']
        assert count == len(entries)
        assert all(e in t for e, t in zip(entries, told)), told

    @pytest.mark.parametrize(
        'swap, entry',
        [
            ({}, "'left_wrist' and 'right_wrist' are not swapped"),
            (
                {'left_wrist': 'right_wrist'},
                "'left_wrist' is swapped with 'right_wrist', that one with none",
            ),
            (
                {'left_wrist': 'right_wrist', 'right_wrist': 'nose', 'nose': 'right_wrist'},
                "'left_wrist' is swapped with 'right_wrist', that one with 'nose'",
            ),
        ],
    )
    def test_swap(self, tmp_path, swap, entry):
        """A swap that is missing or one-sided."""
        result = found(check(tmp_path, good(), metainfo=metainfo(tmp_path, swap=swap)))
        assert list(result) == ['metainfo-swap']
        assert result['metainfo-swap'] == (1, [f'keypoints.py: {entry}'])

    def test_pair_of_metainfo(self, tmp_path):
        """A name without its other side is none where the metainfo has a partner for it."""
        names = ['nose', 'left_wrist', 'other_wrist']
        data = good()
        put(keypoints=names)(data)
        assert 'no-flip-pair' in found(check(tmp_path, data))
        swap = {'left_wrist': 'other_wrist', 'other_wrist': 'left_wrist'}
        result = found(check(tmp_path, data, metainfo=metainfo(tmp_path, names, swap)))
        assert 'no-flip-pair' not in result

    def test_by_name(self, tmp_path):
        """Data set classes and metainfo files of MMPose are known by name."""
        for name in ('CocoDataset', 'coco.py'):
            result = found(check(tmp_path, good(), metainfo=name))
            assert result['metainfo-names'][0] == 14

    @pytest.mark.parametrize(
        'source, word',
        [
            ('CocoDatset', "did you mean 'CocoDataset'"),
            ('nothing.py', 'no such file'),
            ('broken.py', 'cannot be read'),
        ],
    )
    def test_unreadable(self, tmp_path, source, word, monkeypatch):
        """What is no metainfo is the user's mistake."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / 'broken.py').write_text("dataset_info = dict(dataset_name='x')\n")
        with pytest.raises(UserError, match=word):
            check(tmp_path, good(), metainfo=source)
