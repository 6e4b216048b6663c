"""Tests of the faults of single entries: each is found once, by its code, at its place."""

import pytest

from lfhpe_mmpose.annotation.check import geometry, tally

from .files import NAMES, add, check, faults, found, good, one, put

AT = ['annotations[0] (id 11)', 'annotations[1] (id 12)', 'annotations[2] (id 13)']
NAN, INF = float('nan'), float('inf')


def person(index: int, **values):
    """A change of an annotation."""
    return put('annotations', index, **values)


def view(**values):
    """A change of the first view."""
    return lambda data: data['annotations'][1]['tag_views'][0].update(values)


def more_views(value):
    """One more view."""
    return lambda data: data['annotations'][1]['tag_views'].append(value)


def points(*values):
    """Coordinates of the located person, in an image of 64x60."""
    return person(2, keypoints=list(values))


class TestTags:
    """Tags of persons and views."""

    @pytest.mark.parametrize(
        'change, code, place',
        [
            (
                person(0, keypoint_tags={'nose': 1, 'left_wirst': 0}),
                'unknown-keypoint',
                f"{AT[0]}.keypoint_tags['left_wirst']",
            ),
            (person(0, keypoint_tags={'nose': True}), 'wrong-tag', "['nose']"),
            (person(0, keypoint_tags={'nose': '1'}), 'wrong-tag', "['nose']"),
            (person(0, keypoint_tags=[1, 0.5, 0]), 'wrong-tag', '[1] (left_wrist)'),
            (person(0, keypoint_tags=[1, 0, None]), 'wrong-tag', '[2] (right_wrist)'),
            (person(0, keypoint_tags=[1, 0, [0]]), 'wrong-tag', '[2] (right_wrist)'),
            (person(0, keypoint_tags=[1, 0, NAN]), 'wrong-tag', '[2] (right_wrist)'),
            (person(0, keypoint_tags=[1, 2, 0]), 'wrong-tag', '[1] (left_wrist)'),
            (person(0, keypoint_tags=[1, 0]), 'tag-count', '.keypoint_tags'),
            (person(0, keypoint_tags='101'), 'malformed', '.keypoint_tags'),
            (view(keypoint_tags=[1, 0]), 'tag-count', '.tag_views[0].keypoint_tags'),
            (view(keypoint_tags=[1, 0, 7]), 'wrong-tag', '[0].keypoint_tags[2] (right_wrist)'),
            (view(keypoint_tags={'nase': 1}), 'unknown-keypoint', "[0].keypoint_tags['nase']"),
            (view(keypoint_tags=None), 'malformed', '.tag_views[0].keypoint_tags'),
            (view(bbox=[0, 0, 5]), 'view', '.tag_views[0].bbox'),
            (view(bbox=[0, 0, 5, 0]), 'view', '.tag_views[0].bbox'),
            (view(bbox=[0, 0, -5, 5]), 'view', '.tag_views[0].bbox'),
            (view(bbox=[0, 0, NAN, 5]), 'not-finite', '.tag_views[0].bbox'),
            (person(1, tag_views={}), 'malformed', '.tag_views'),
            (more_views({'bbox': [1, 1, 1, 1]}), 'view', '.tag_views[2]'),
            (more_views(3), 'view', f'{AT[1]}.tag_views[2]'),
            (person(2, keypoint_tags=[0, 1, -1]), 'contradiction', AT[2]),
            (person(0, keypoint_tags=[-1, -1, -1]), 'teaches-nothing', AT[0]),
            (person(0, keypoint_tags=KeyError), 'teaches-nothing', AT[0]),
            (person(0, keypoint_tags=None, keypoints=[0] * 9), 'teaches-nothing', AT[0]),
        ],
    )
    def test_fault(self, tmp_path, change, code, place):
        """One fault is reported once, with its place."""
        got = one(tmp_path, change)
        assert got[0] == code and got[1].endswith(place), got

    def test_several(self, tmp_path):
        """All faults of one object are reported, a misspelt name with the nearest one."""
        data = good()
        data['annotations'][0]['keypoint_tags'] = {'left_wirst': 5, 'nose': 1, 'b': 1}
        report = check(tmp_path, data)
        assert {code: n for code, (n, _) in found(report).items()} == {
            'unknown-keypoint': 2,
            'wrong-tag': 1,
        }
        assert "Did you mean 'left_wrist'?" in faults(report)[0]

    def test_allowed(self, tmp_path):
        """1.0 is the number 1, and null stands for a value that is not given."""
        data = good()
        data['annotations'][1]['keypoint_tags'] = [1.0, 1, -1.0]
        data['annotations'][3].update(tag_views=None, keypoints=None)
        data['annotations'][2].update(keypoint_tags=None)
        assert found(check(tmp_path, data)) == {}


class TestPersons:
    """Ids, boxes and coordinates of an annotation."""

    @pytest.mark.parametrize(
        'change, code, place',
        [
            (person(0, id=KeyError), 'malformed', 'annotations[0] (id None).id'),
            (person(0, id=1.5), 'malformed', '.id'),
            (person(0, id=True), 'malformed', '.id'),
            (person(0, id=NAN), 'malformed', '.id'),
            (person(0, id=12), 'duplicate-id', 'annotations[1].id'),
            (person(0, image_id=KeyError), 'malformed', f'{AT[0]}.image_id'),
            (person(0, image_id=[1]), 'malformed', f'{AT[0]}.image_id'),
            (person(0, image_id=7), 'unknown-image', f'{AT[0]}.image_id'),
            (person(0, image_id='1'), 'unknown-image', f'{AT[0]}.image_id'),
            (person(0, category_id=KeyError), 'malformed', f'{AT[0]}.category_id'),
            (person(0, category_id=2), 'unknown-category', f'{AT[0]}.category_id'),
            (person(0, iscrowd='no'), 'malformed', '.iscrowd'),
            (person(0, iscrowd=False), 'malformed', '.iscrowd'),
            (person(0, area='big'), 'malformed', '.area'),
            (person(0, num_keypoints=1.5), 'malformed', '.num_keypoints'),
            (person(0, bbox=None), 'box', '.bbox'),
            (person(0, bbox=[1, 2, 3]), 'box', '.bbox'),
            (person(0, bbox=[1, 2, 3, '4']), 'box', '.bbox'),
            (person(0, bbox=['NaN', 2, 3, 4]), 'box', '.bbox'),
            (person(0, bbox=[1, 2, 3, True]), 'box', '.bbox'),
            (person(0, bbox=[1, 2, 0, 4]), 'box', '.bbox'),
            (person(0, bbox=[1, 2, 1e300, 4]), 'box', '.bbox'),
            (person(0, bbox=[1, 2, 10**400, 4]), 'box', '.bbox'),
            (person(0, bbox=[1, 2, 3, NAN]), 'not-finite', '.bbox'),
            (person(0, bbox=[1, -INF, 3, 4]), 'not-finite', '.bbox'),
            (points(1, 2, 2), 'keypoint-count', '.keypoints'),
            (person(2, keypoints={}), 'keypoint-count', '.keypoints'),
            (points(1, 2, 3, 4, 5, 1, 0, 0, 0), 'visibility', '[2] (nose, visibility)'),
            (points(1, 2, 0.5, 4, 5, 1, 4, 5, 1), 'visibility', '[2] (nose, visibility)'),
            (points(1, 'b', 2, 4, 5, 1, 0, 0, 0), 'malformed', f'{AT[2]}.keypoints[1] (nose, y)'),
            (points(1, 2, 2, INF, 5, 1, 0, 0, 0), 'not-finite', '.keypoints[3] (left_wrist, x)'),
            (points(1, 2, 2, 4, 5, 1, 0, NAN, 0), 'not-finite', '.keypoints[7] (right_wrist, y)'),
            (person(2, num_keypoints=3), 'num-keypoints', '.num_keypoints'),
            (add('annotations', 5), 'malformed', 'annotations[5]'),
        ],
    )
    def test_fault(self, tmp_path, change, code, place):
        """One fault is reported once, with its place."""
        got = one(tmp_path, change)
        assert got[0] == code and got[1].endswith(place), got

    @pytest.mark.parametrize(
        'values, guess',
        [
            (dict(category_id='1'), "no category has the id '1'. Did you mean 1?"),
            (dict(image_id='1'), "no image has the id '1'. Did you mean 1?"),
            (dict(image_id='01'), "no image has the id '01'"),
        ],
    )
    def test_other_type(self, tmp_path, values, guess):
        """An id written as a string where the file has a number."""
        data = good()
        data['annotations'][0].update(values)
        (fault,) = faults(check(tmp_path, data))
        assert fault.endswith(guess)

    def test_box_of_nobody(self, tmp_path):
        """The box of a crowd, or of a person that teaches nothing, is a warning."""
        data = good()
        data['annotations'][4]['bbox'] = [1, 2, 0, 5]
        data['annotations'].append(dict(id=99, image_id=1, category_id=1, bbox=[1, 2, 0, 5]))
        report = check(tmp_path, data)
        assert found(report)['box'][0] == 2 and report.status() == 0

    def test_crowds(self, tmp_path):
        """A crowd teaches nothing and is not reported, but what it holds must be valid."""
        data = good()
        data['annotations'][4]['keypoint_tags'] = [1, 1]
        assert list(found(check(tmp_path, data))) == ['tag-count']

    def test_nobody(self, tmp_path):
        """A file that teaches nothing is an error."""
        crowd, empty = dict(iscrowd=1), dict()
        for persons, codes in (
            ([], {'no-persons'}),
            ([crowd], {'no-persons'}),
            ([empty], {'no-persons', 'teaches-nothing'}),
        ):
            data = good()
            data['annotations'] = [dict(p, id=1, image_id=1, category_id=1) for p in persons]
            assert set(found(check(tmp_path, data))) == codes

    def test_many_duplicates(self, tmp_path):
        """Many duplicate ids are all counted, the first are named."""
        data = good()
        data['annotations'] += [dict(data['annotations'][3], id='x') for _ in range(30)]
        result = found(check(tmp_path, data, max_shown=2))['duplicate-id']
        assert result == (29, ['annotations[6].id', 'annotations[7].id'])


class TestGeometry:
    """What lies outside an image of 640x480, or of 64x60."""

    @pytest.mark.parametrize(
        'change, code, place',
        [
            (person(0, bbox=[640, 0, 10, 10]), 'box-outside', f'{AT[0]}.bbox'),
            (person(0, bbox=[-10, 0, 10, 10]), 'box-outside', f'{AT[0]}.bbox'),
            (person(0, bbox=[-20, 0, 100, 100]), 'box-partly-outside', f'{AT[0]}.bbox'),
            (person(0, bbox=[0, 0, 0.9, 0.8]), 'box-fraction', f'{AT[0]}.bbox'),
            (person(0, bbox=[10, 10, 1.5, 80]), 'box-tiny', f'{AT[0]}.bbox'),
            (person(0, bbox=[0, 480, 10, 10]), 'box-outside', f'{AT[0]}.bbox'),
            (
                person(2, bbox=[64, 5, 10, 10], keypoints=[62, 6, 2, 63, 7, 1, 0, 0, 0]),
                'box-outside',
                f'{AT[2]}.bbox',
            ),
            (view(bbox=[0, -30, 10, 30]), 'view-outside', f'{AT[1]}.tag_views[0].bbox'),
            (view(bbox=[600, 0, 50, 10]), 'view-partly-outside', f'{AT[1]}.tag_views[0].bbox'),
            (view(bbox=[0, -5, 50, 10]), 'view-partly-outside', f'{AT[1]}.tag_views[0].bbox'),
            (points(65.5, 50, 2, 36.5, 17, 1, 0, 0, 0), 'point-outside', f'{AT[2]}.keypoints'),
            (points(5, -1.5, 2, 36.5, 17, 1, 0, 0, 0), 'point-outside', f'{AT[2]}.keypoints'),
            (points(5, 1, 2, 36.5, 61.5, 1, 0, 0, 0), 'point-outside', f'{AT[2]}.keypoints'),
            (points(0, 0, 2, 36.5, 1.5, 1, 0, 0, 0), 'point-zero', f'{AT[2]}.keypoints'),
            (
                person(2, bbox=[30, 10, 8, 9]),
                'point-outside-box',
                f'{AT[2]}.keypoints',
            ),
        ],
    )
    def test_outside(self, tmp_path, change, code, place):
        """One fault is reported once, with its place."""
        assert one(tmp_path, change) == (code, place)

    def test_at_the_border(self, tmp_path):
        """The border, a rounded view, an absent point, a person box beyond the image."""
        data = good()
        data['annotations'][0]['bbox'] = [-20, -20, 670, 510]
        data['annotations'][1]['tag_views'][0]['bbox'] = [-0.5, -1, 641, 481]
        data['annotations'][2]['keypoints'] = [65, 61, 2, -0.5, -1, 1, -900, -900, 0]
        assert found(check(tmp_path, data)) == {}

    def test_planned_views(self, tmp_path):
        """A view beyond the image is expected inside the window of the person, not beyond it."""
        data = good()
        data['annotations'][1]['bbox'] = [600, 0, 39, 200]
        data['annotations'][1]['tag_views'][0]['bbox'] = [600, -9, 40.5, 120]
        assert found(check(tmp_path, data)) == {}
        data['annotations'][1]['tag_views'][0]['bbox'] = [600, -12, 40.5, 120]
        assert list(found(check(tmp_path, data))) == ['view-partly-outside']

    def test_guess(self, tmp_path):
        """The report says what numbers look like that do not fit."""
        data = good()
        boxes = [[0.1, 0.1 * i, 0.5, 0.5] for i in range(6)]
        data['annotations'] += [
            dict(id=100 + i, image_id=1, category_id=1, bbox=box, keypoint_tags=[1, 0, 1])
            for i, box in enumerate(boxes)
        ]
        report = check(tmp_path, data)
        assert found(report)['box-fraction'][0] == 6
        assert 'guess:  They look like fractions' in report.text()
        (guess,) = [f['guess'] for f in report.to_dict()['found']]
        assert guess in report.text()

    def test_corners(self, tmp_path):
        """Boxes that are corners are an error of the file."""
        data = good()
        for i in range(20):
            box = [300, 200 + i, 500, 400 + i]
            new = dict(id=100 + i, image_id=1, category_id=1, bbox=box, keypoint_tags=[1, 0, 1])
            data['annotations'].append(new)
        del data['annotations'][:5]
        data['annotations'][0]['keypoint_tags'] = [0, 1, 0]
        result = found(check(tmp_path, data))
        assert result['box-corners'] == (1, ['annotations'])

    @pytest.mark.parametrize('batch', [1, 2, 3])
    def test_batches(self, tmp_path, monkeypatch, batch):
        """Nothing is lost or reported twice at the end of a batch."""
        data = good()
        outside = dict(image_id=1, category_id=1, bbox=[700, 0, 5, 5], keypoint_tags=[1, 0, 1])
        data['annotations'] += [dict(outside, id=100 + i) for i in range(7)]
        monkeypatch.setattr(geometry, '_BATCH', batch)
        places = [f'annotations[{5 + i}] (id {100 + i}).bbox' for i in range(7)]
        assert found(check(tmp_path, data, max_shown=9)) == {'box-outside': (7, places)}

    def test_size_unknown(self, tmp_path):
        """Without a size nothing is outside, and the missing size is reported."""
        data = good()
        del data['images'][0]['width']
        data['annotations'][0]['bbox'] = [900, 0, 10, 10]
        assert list(found(check(tmp_path, data))) == ['malformed']


class TestImages:
    """Entries of ``images``."""

    @pytest.mark.parametrize(
        'change, code, place',
        [
            (put('images', 0, file_name=KeyError), 'malformed', 'images[0].file_name'),
            (put('images', 0, file_name=''), 'malformed', 'images[0].file_name'),
            (put('images', 0, file_name=5), 'malformed', 'images[0].file_name'),
            (put('images', 0, width=KeyError), 'malformed', 'images[0].width'),
            (put('images', 0, height=0), 'malformed', 'images[0].height'),
            (put('images', 0, height='480'), 'malformed', 'images[0].height'),
            (put('images', 0, width=INF), 'not-finite', 'images[0].width'),
            (put('images', 1, file_name='./a//1.jpg'), 'duplicate-image', 'images[1].file_name'),
            (add('images', None), 'malformed', 'images[2]'),
            (add('images', 0, file_name='b'), 'duplicate-id', 'images[2].id'),
            (add('images', 0, file_name='b', id=None), 'malformed', 'images[2].id'),
        ],
    )
    def test_fault(self, tmp_path, change, code, place):
        """One fault is reported once, with its place."""
        assert one(tmp_path, change) == (code, place)


class TestCategories:
    """Entries of ``categories``."""

    @pytest.mark.parametrize(
        'change, code, place',
        [
            (put('categories', 0, skeleton=[[0, 1]]), 'skeleton', '[0].skeleton[0]'),
            (put('categories', 0, skeleton=[[1, 2], [3, 4]]), 'skeleton', '[0].skeleton[1]'),
            (put('categories', 0, skeleton=[[1, 2, 3]]), 'skeleton', '[0].skeleton[0]'),
            (put('categories', 0, skeleton='no'), 'skeleton', '[0].skeleton'),
            (put('categories', 0, name=KeyError), 'malformed', '[0].name'),
            (add('categories', 1), 'malformed', 'categories[1]'),
            (add('categories', {'id': 1, 'name': 'b'}), 'duplicate-id', 'categories[1]'),
            (add('categories', {'id': None, 'name': 'b'}), 'malformed', 'categories[1].id'),
        ],
    )
    def test_fault(self, tmp_path, change, code, place):
        """One fault is reported once, with its place."""
        got = one(tmp_path, change)
        assert got[0] == code and got[1].endswith(place), got

    @pytest.mark.parametrize(
        'names, code, place',
        [
            (['nose', 'nose', 'tail'], 'keypoint-names', 'categories[0].keypoints[1]'),
            (['nose', ' ', 'tail'], 'keypoint-names', 'categories[0].keypoints[1]'),
            (['nose', 3, 'tail'], 'malformed', 'categories[0].keypoints'),
            ('nose', 'malformed', 'categories[0].keypoints'),
            ([], 'no-keypoints', 'categories'),
            (None, 'no-keypoints', 'categories'),
            (['nose', 'left_wrist', 'tail'], 'no-flip-pair', 'categories[0].keypoints'),
        ],
    )
    def test_names(self, tmp_path, names, code, place):
        """Names that cannot be used."""
        data = good()
        data['categories'][0]['keypoints'] = names
        assert place in found(check(tmp_path, data))[code][1]

    def test_stated_pairs(self, tmp_path):
        """Keypoints without any pair are a warning, unless the file states its pairs."""
        data = good()
        names = ['0', '1', '2']
        data['categories'][0]['keypoints'] = names
        data['annotations'][0]['keypoint_tags'] = [1, 0, -1]
        data['annotations'][1]['tag_views'][1]['keypoint_tags'] = [0, 1, -1]
        report = check(tmp_path, data)
        assert found(report) == {'no-flip-pair': (1, ['categories[0].keypoints'])}
        assert report.status() == 0
        for pairs in ([], [['1', '2']]):
            data['categories'][0]['flip_pairs'] = pairs
            assert found(check(tmp_path, data)) == {}
        data['categories'][0]['flip_pairs'] = [['1', '3']]
        assert 'flip-pairs' in found(check(tmp_path, data))

    def test_several_categories(self, tmp_path):
        """Categories with the same keypoints, or with none, are one set; else it is an error."""
        data = good()
        data['categories'].append({'id': 2, 'name': 'dog', 'keypoints': NAMES})
        data['categories'].append({'id': 3, 'name': 'car'})
        data['annotations'][0]['category_id'] = 2
        data['annotations'][3]['category_id'] = 3
        assert found(check(tmp_path, data)) == {}
        data['categories'][1].update(keypoints=['head', 'tail'], flip_pairs=[])
        data['annotations'][0]['keypoint_tags'] = {'head': 1, 'tail': 0}
        data['annotations'][3]['category_id'] = 2
        data['annotations'][3]['keypoint_tags'] = [0, 1]
        report = check(tmp_path, data)
        assert found(report)['keypoint-sets'][0] == 1
        assert [list(s['keypoints']) for s in report.keypoint_sets] == [NAMES, ['head', 'tail']]
        counts = report.keypoint_sets[1]['keypoints']['head']
        assert counts == dict(seen=1, absent=1, unknown=0, located=0)


def people(*tags, **more):
    """A file with persons of the given tags."""
    data = good()
    common = dict(image_id=1, category_id=1, **more)
    data['annotations'] = [dict(common, id=i, keypoint_tags=list(t)) for i, t in enumerate(tags)]
    return data


class TestTally:
    """Tags teach a keypoint by pictures with and without it."""

    @pytest.mark.parametrize(
        'nose, code',
        [
            ([1, 1], 'never-absent'),
            ([1, -1], 'never-absent'),
            ([0, 0], 'never-present'),
            ([-1, -1], 'never-tagged'),
        ],
    )
    def test_one_sided(self, tmp_path, nose, code):
        """A keypoint with one tag only is an error."""
        report = check(tmp_path, people([nose[0], 1, 0], [nose[1], 0, 1]))
        assert found(report) == {code: (1, ["keypoint 'nose'"])} and report.status() == 1

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
        assert list(found(report)) == ['never-absent']
        assert report.status() == 0 and report.status(strict=True) == 1

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
