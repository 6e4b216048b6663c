"""Tests of the checks of annotations: each fault alone, with its entry and remedy."""

import pytest

from .files import check, found, good, one

AT = ['annotations[0] (id 11)', 'annotations[1] (id 12)', 'annotations[2] (id 13)']


def put(index: int, **values):
    """A change of an annotation; None removes a key."""

    def change(data):
        data['annotations'][index].update(values)
        for key in [k for k, v in values.items() if v is KeyError]:
            del data['annotations'][index][key]

    return change


def view(**values):
    """A change of the first view."""
    return lambda data: data['annotations'][1]['tag_views'][0].update(values)


class TestGood:
    """Nothing is told of good files."""

    def test_good(self, tmp_path):
        """The numbers are those of the file."""
        report = check(tmp_path, good())
        assert found(report) == {}
        assert report.status() == report.status(strict=True) == 0
        assert report.statistics == dict(
            images=2,
            annotations=5,
            persons=4,
            crowds=1,
            located=1,
            tagged=3,
            with_views=1,
            views=2,
            teach_nothing=0,
        )
        (keypoints,) = [s['keypoints'] for s in report.keypoint_sets]
        assert keypoints['nose'] == dict(seen=4, absent=2, unknown=0, located=1)
        assert keypoints['left_wrist'] == dict(seen=3, absent=3, unknown=0, located=1)
        assert keypoints['right_wrist'] == dict(seen=1, absent=2, unknown=3, located=0)

    @pytest.mark.parametrize('occluded, tags', [('negative', (2, 4, 0)), ('unknown', (2, 3, 1))])
    def test_occluded(self, tmp_path, occluded, tags):
        """Flag 1 counts as the training would take it."""
        report = check(tmp_path, good(), occluded=occluded)
        counts = report.keypoint_sets[0]['keypoints']['left_wrist']
        assert (counts['seen'], counts['absent'], counts['unknown']) == tags

    def test_order_of_lists(self, tmp_path):
        """The lists may come in any order."""
        data = good()
        for keys in (sorted(data), sorted(data, reverse=True)):
            assert found(check(tmp_path, {k: data[k] for k in keys})) == {}

    def test_nulls(self, tmp_path):
        """What is null is not given."""
        data = good()
        data['annotations'][3].update(tag_views=None, keypoints=None)
        data['annotations'][2].update(keypoint_tags=None)
        assert found(check(tmp_path, data)) == {}


class TestTags:
    """Tags of persons and views."""

    @pytest.mark.parametrize(
        'change, code, entry',
        [
            (
                put(0, keypoint_tags={'nose': 1, 'left_wirst': 0}),
                'unknown-keypoint',
                f"{AT[0]}.keypoint_tags['left_wirst']: no keypoint is called 'left_wirst'; did "
                "you mean 'left_wrist'?",
            ),
            (
                put(0, keypoint_tags={'nose': True}),
                'wrong-tag',
                f"{AT[0]}.keypoint_tags['nose']: True is no tag; write 1 (seen), 0 (not seen) or "
                '-1 (cannot tell).',
            ),
            (put(0, keypoint_tags={'nose': '1'}), 'wrong-tag', "['nose']: '1' is no tag"),
            (put(0, keypoint_tags=[1, 0.5, 0]), 'wrong-tag', '[1] (left_wrist): 0.5 is no tag'),
            (put(0, keypoint_tags=[1, 0, None]), 'wrong-tag', '[2] (right_wrist): None is no tag'),
            (put(0, keypoint_tags=[1, 0, [0]]), 'wrong-tag', '[2] (right_wrist): [0] is no tag'),
            (put(0, keypoint_tags=[1, 2, 0]), 'wrong-tag', '[1] (left_wrist): 2 is no tag'),
            (put(0, keypoint_tags=[1, 0]), 'tag-count', 'has 2 tags, there are 3 keypoints'),
            (put(0, keypoint_tags='101'), 'malformed', ".keypoint_tags is '101', no list"),
            (view(keypoint_tags=[1, 0]), 'tag-count', '.tag_views[0].keypoint_tags has 2 tags'),
            (view(keypoint_tags=[1, 0, 7]), 'wrong-tag', '.tag_views[0].keypoint_tags[2]'),
            (view(keypoint_tags={'nase': 1}), 'unknown-keypoint', "did you mean 'nose'?"),
            (view(keypoint_tags=None), 'malformed', '.tag_views[0].keypoint_tags is None'),
            (view(bbox=[0, 0, 5]), 'view', '.tag_views[0].bbox is [0, 0, 5], not four numbers'),
            (view(bbox=[0, 0, 5, 0]), 'view', 'width and height must be above 0'),
            (view(bbox=[0, 0, -5, 5]), 'view', 'width and height must be above 0'),
            (put(1, tag_views={}), 'malformed', '.tag_views is {}, no list'),
            (
                lambda d: d['annotations'][1]['tag_views'].append({'bbox': [1, 1, 1, 1]}),
                'view',
                '.tag_views[2] is',
            ),
            (
                lambda d: d['annotations'][1]['tag_views'].append(3),
                'view',
                '.tag_views[2] is 3, no object with bbox and keypoint_tags',
            ),
            (
                put(2, keypoint_tags=[0, 1, -1]),
                'contradiction',
                f"{AT[2]}: 'nose': visibility above 0, tag 0",
            ),
        ],
    )
    def test_fault(self, tmp_path, change, code, entry):
        """One fault is told once, by its kind, with the entry."""
        got = one(tmp_path, change)
        assert got[0] == code and entry in got[1]

    def test_several(self, tmp_path):
        """All faults of one list are told."""
        data = good()
        data['annotations'][0]['keypoint_tags'] = {'a': 5, 'nose': 1, 'b': 1}
        result = found(check(tmp_path, data))
        assert {code: n for code, (n, _) in result.items()} == {
            'unknown-keypoint': 2,
            'wrong-tag': 1,
        }

    def test_floats_are_tags(self, tmp_path):
        """1.0 is the number 1."""
        data = good()
        data['annotations'][1]['keypoint_tags'] = [1.0, 1, -1.0]
        assert found(check(tmp_path, data)) == {}


class TestEntries:
    """Ids, boxes, flags of an annotation."""

    @pytest.mark.parametrize(
        'change, code, entry',
        [
            (put(0, id=KeyError), 'malformed', 'annotations[0] (id None).id is missing'),
            (put(0, id=1.5), 'malformed', '.id is 1.5, no whole number or text'),
            (put(0, id=True), 'malformed', '.id is True'),
            (put(0, id=12), 'duplicate-id', 'annotations[1].id is 12, as that of annotations[0]'),
            (put(0, image_id=KeyError), 'malformed', f'{AT[0]}.image_id is missing'),
            (put(0, image_id=[1]), 'malformed', f'{AT[0]}.image_id is [1]'),
            (put(0, image_id=7), 'unknown-image', f'{AT[0]}.image_id: there is no such image'),
            (put(0, image_id='1'), 'unknown-image', f'{AT[0]}.image_id'),
            (put(0, category_id=KeyError), 'malformed', f'{AT[0]}.category_id is missing'),
            (put(0, category_id=2), 'unknown-category', f'{AT[0]}.category_id is 2'),
            (put(0, iscrowd='no'), 'malformed', ".iscrowd is 'no'; write 0 or 1"),
            (put(0, iscrowd=False), 'malformed', '.iscrowd is False'),
            (put(0, area='big'), 'malformed', ".area is 'big', no number"),
            (put(0, num_keypoints=1.5), 'malformed', '.num_keypoints is 1.5'),
            (put(0, bbox=None), 'box', '.bbox is None, not four numbers'),
            (put(0, bbox=[1, 2, 3]), 'box', '.bbox is [1, 2, 3]'),
            (put(0, bbox=[1, 2, 3, '4']), 'box', 'not four numbers'),
            (put(0, bbox=[1, 2, 3, True]), 'box', 'not four numbers'),
            (put(0, bbox=[1, 2, 0, 4]), 'box', 'must be above 0'),
            (put(0, bbox=[1, 2, 1e300, 4]), 'box', 'not four numbers'),
            (put(0, bbox=[1, 2, 3, float('nan')]), 'not-finite', '.bbox is [1, 2, 3, NaN]'),
            (put(0, bbox=[1, float('-inf'), 3, 4]), 'not-finite', '.bbox is [1, -Infinity, 3, 4]'),
            (put(0, id=float('nan')), 'malformed', '.id is NaN'),
            (put(0, bbox=['NaN', 2, 3, 4]), 'box', "['NaN', 2, 3, 4], not four"),
            (put(2, keypoints=[1, 2, 2]), 'keypoint-count', 'is 3 numbers; 3 keypoints have 9'),
            (put(2, keypoints={}), 'keypoint-count', 'is {}; 3 keypoints have 9'),
            (
                put(2, keypoints=[1, 2, 3, 4, 5, 1, 0, 0, 0]),
                'visibility',
                "visibility of 'nose' is 3",
            ),
            (put(2, keypoints=[1, 2, 0.5] + [4, 5, 1] * 2), 'visibility', 'is 0.5'),
            (
                put(2, keypoints=[1, 'b', 2, 4, 5, 1, 0, 0, 0]),
                'malformed',
                f"{AT[2]}.keypoints[1] (nose, y) is 'b', no number",
            ),
            (
                put(2, keypoints=[1, 2, 2, float('inf'), 5, 1, 0, 0, 0]),
                'not-finite',
                '.keypoints[3] (left_wrist, x) is Infinity',
            ),
            (put(2, num_keypoints=3), 'num-keypoints', '.num_keypoints is 3, not 2'),
            (lambda d: d['annotations'].append(5), 'malformed', 'annotations[5] is 5, no object'),
            (put(0, keypoint_tags=[-1, -1, -1]), 'teaches-nothing', f'{AT[0]}: no coordinate'),
            (put(0, keypoint_tags=KeyError), 'teaches-nothing', AT[0]),
            (put(0, keypoint_tags=None, keypoints=[0] * 9), 'teaches-nothing', AT[0]),
        ],
    )
    def test_fault(self, tmp_path, change, code, entry):
        """One fault is told once, by its kind, with the entry."""
        got = one(tmp_path, change)
        assert got[0] == code and entry in got[1], got

    def test_crowds(self, tmp_path):
        """A crowd teaches nothing and is not told, but what it holds must be readable."""
        data = good()
        data['annotations'][4]['keypoint_tags'] = [1, 1]
        assert list(found(check(tmp_path, data))) == ['tag-count']

    def test_nobody(self, tmp_path):
        """A file from which nothing can be learnt is an error."""
        data = good()
        data['annotations'] = []
        assert list(found(check(tmp_path, data))) == ['no-persons']
        data['annotations'] = [dict(id=1, image_id=1, category_id=1, iscrowd=1)]
        assert list(found(check(tmp_path, data))) == ['no-persons']
        data['annotations'] = [dict(id=1, image_id=1, category_id=1)]
        assert set(found(check(tmp_path, data))) == {'no-persons', 'teaches-nothing'}

    def test_many_duplicates(self, tmp_path):
        """Of many double ids all are counted, the first are named."""
        data = good()
        data['annotations'] += [dict(data['annotations'][3], id='x') for _ in range(30)]
        count, entries = found(check(tmp_path, data, max_shown=2))['duplicate-id']
        assert count == 29
        assert (
            entries[0] == "annotations[6].id is 'x', as that of annotations[5]"
            and len(entries) == 2
        )
