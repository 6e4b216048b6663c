"""Tests of the data set of tag files."""

import json

import numpy as np
import pytest
from mmengine.registry import init_default_scope
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS

from lfhpe_mmpose.datasets import TaggedCocoDataset
from lfhpe_mmpose.errors import UserError
from tests.refusal import refuses

NAMES = ['nose', 'left_wrist', 'right_wrist']
METAINFO = dict(
    dataset_name='three',
    paper_info={},
    keypoint_info={
        0: dict(name='nose', id=0, color=[0, 0, 0], type='upper', swap=''),
        1: dict(name='left_wrist', id=1, color=[0, 0, 0], type='upper', swap='right_wrist'),
        2: dict(name='right_wrist', id=2, color=[0, 0, 0], type='upper', swap='left_wrist'),
    },
    skeleton_info={},
    joint_weights=[1.0] * 3,
    sigmas=[0.05] * 3,
)
BOX = [10, 20, 100, 200]


def tag_file() -> dict:
    """A person of each kind, on images whose ids are a number and a string."""
    return dict(
        info=dict(tag_format='1.0'),
        images=[
            dict(id=7, file_name='a/1.jpg', width=300, height=280),
            dict(id='two', file_name='2.jpg', width=60, height=50),
        ],
        categories=[dict(id=1, name='person', keypoints=NAMES)],
        annotations=[
            dict(id=1, image_id='two', category_id=1, keypoint_tags={'nose': 1, 'left_wrist': 0}),
            dict(
                id='b',
                image_id=7,
                category_id=1,
                bbox=BOX,
                keypoint_tags=[1, 1, -1],
                tag_views=[
                    dict(bbox=[10, 20, 50, 60.5], keypoint_tags={'right_wrist': 1}),
                    dict(bbox=[15, 25, 50, 60], keypoint_tags=[0, 0, 1]),
                ],
            ),
            dict(
                id=3,
                image_id=7,
                category_id=1,
                bbox=BOX,
                keypoints=[50, 60, 2, 0, 0, 0, 40, 90, 1],
            ),
            dict(
                id=4,
                image_id=7,
                category_id=1,
                bbox=BOX,
                keypoints=[50, 60, 2, 0, 0, 0, 0, 0, 0],
                keypoint_tags=[1, 1, 0],
            ),
            dict(id=5, image_id=7, category_id=1, bbox=BOX, keypoints=[0] * 9),
            dict(id=6, image_id=7, category_id=1, bbox=BOX),
            dict(id=8, image_id=7, category_id=1, bbox=BOX, keypoint_tags=[1, 0, 0], iscrowd=1),
            dict(id=9, image_id=7, category_id=1, bbox=[-9, 5, 9, 9], keypoint_tags=[1, 0, 0]),
            dict(
                id=10,
                image_id=7,
                category_id=1,
                bbox=BOX,
                keypoints=[0] * 9,
                tag_views=[dict(bbox=[10, 20, 50, 60], keypoint_tags=[1, 0, 0])],
            ),
        ],
    )


@pytest.fixture
def build(tmp_path):
    """Build the data set on some content."""
    init_default_scope('mmpose')

    def make(data=None, fraction=0.0, **changes):
        path = tmp_path / 'tags.json'
        path.write_text(data if isinstance(data, str) else json.dumps(data or tag_file()))
        door = dict(type='WithholdLocations', fraction=fraction, views=3)
        cfg = dict(
            type='TaggedCocoDataset',
            metainfo=METAINFO,
            ann_file=str(path),
            data_prefix=dict(img='pictures'),
            pipeline=[door],
        )
        return DATASETS.build({**cfg, **changes})

    return make


def by_id(dataset) -> dict:
    """What comes out of the withholding step, by annotation id."""
    return {out['id']: out for out in dataset}


class TestPersons:
    """Which persons are kept, and what the withholding step makes of them."""

    def test_kept(self, build):
        """All with labels in the order of the images; no crowd, no box outside the image."""
        assert [out['id'] for out in build()] == ['b', 3, 4, 10, 1]

    def test_tags_by_name(self, build):
        """Names are put into order; what is not named is unknown; no box is the whole image."""
        out = by_id(build())[1]
        assert out['keypoint_tags'].tolist() == [[[1, 0, -1]]]
        assert out['bbox'].tolist() == [[0, 0, 59, 49]]
        assert out['img_path'] == 'pictures/2.jpg' and out['img_id'] == 'two'

    def test_views_of_the_file(self, build):
        """The whole person, then the file's views with their own tags; none is drawn."""
        out = by_id(build())['b']
        assert out['keypoint_tags'].tolist() == [[[1, 1, -1], [-1, -1, 1], [0, 0, 1]]]
        assert out['tag_views'][0, 1].tolist() == [[10, 20], [60, 20], [60, 80.5], [10, 80.5]]
        assert out['tag_views'].shape == (1, 3, 4, 2)

    def test_answer_error(self, build):
        """The rate of the person, else that of the file, reaches the losses; default 0."""
        data = tag_file()
        assert by_id(build(data))['b']['answer_error'].tolist() == [0]
        data['info']['answer_error'] = 0.25
        data['annotations'][0]['answer_error'] = 0.125
        found = by_id(build(data))
        assert [found[key]['answer_error'].tolist() for key in (1, 'b')] == [[0.125], [0.25]]
        data['info']['answer_error'] = True
        with refuses('answer-error', 'tags.json: info.answer_error'):
            build(data)

    def test_coordinates(self, build):
        """Views are drawn and tagged from coordinates; flag 1 is seen."""
        out = by_id(build())[3]
        assert out['keypoint_tags'].shape == (1, 3, 3)
        assert out['keypoint_tags'][0, 0].tolist() == [1, 0, 1]
        assert not out['keypoints'].any() and not out['keypoints_visible'].any()

    def test_tags_before_flags(self, build):
        """The file's tags stand; a keypoint without a place is unknown in drawn views."""
        out = by_id(build())[4]
        assert out['keypoint_tags'][0, 0].tolist() == [1, 1, 0]
        assert out['keypoint_tags'][0, 1:, 1].tolist() == [-1, -1]
        assert set(out['keypoint_tags'][0, 1:, 0]) <= {0, 1}
        assert out['keypoint_tags'][0, 1:, 2].tolist() == [0, 0]

    def test_views_alone(self, build):
        """A person with views and no tags of its own: unknown as a whole."""
        out = by_id(build())[10]
        assert out['keypoint_tags'].tolist() == [[[-1, -1, -1], [1, 0, 0]]]

    def test_located(self, build):
        """At fraction 1 those are located who have coordinates, and nobody else."""
        out = by_id(build(fraction=1.0))
        assert {k for k, v in out.items() if v['located'][0]} == {3, 4}
        assert out[3]['keypoints'].tolist() == [[[50, 60], [0, 0], [40, 90]]]
        assert not out['b']['keypoints'].any() and 'raw_ann_info' not in out['b']

    def test_keypoints_of_metainfo(self):
        """Without metainfo the keypoints are COCO's."""
        assert parse_pose_metainfo(dict(TaggedCocoDataset.METAINFO))['num_keypoints'] == 17


class TestMistakes:
    """A malformed file is refused, by entry."""

    @pytest.mark.parametrize(
        ('index', 'change', 'code', 'place'),
        [
            (
                0,
                dict(keypoint_tags={'left_wirst': 1}),
                'unknown-keypoint',
                '[0] (id 1).keypoint_t',
            ),
            (1, dict(keypoint_tags=[1, 1]), 'tag-count', '[1] (id b).keypoint_tags'),
            (1, dict(keypoint_tags=[1, True, 0]), 'wrong-tag', 'keypoint_tags[1] (left_wrist)'),
            (1, dict(keypoint_tags='all'), 'malformed', '.keypoint_tags'),
            (1, dict(tag_views=[dict(bbox=[1, 2, 3, 4])]), 'view', '.tag_views[0]'),
            (
                1,
                dict(tag_views=[dict(bbox=[1, 2, 0, 4], keypoint_tags=[1, 0, 0])]),
                'view',
                '.bbox',
            ),
            (1, dict(tag_views={}), 'malformed', '.tag_views'),
            (2, dict(keypoints=[1, 2]), 'keypoint-count', '[2] (id 3).keypoints'),
            (2, dict(bbox=None), 'box', '[2] (id 3).bbox'),
            (2, dict(bbox=[1, 2, 3]), 'box', '.bbox'),
            (2, dict(bbox=[1, 2, 3, 0]), 'box', '.bbox'),
            (2, dict(bbox=[1, 2, float('nan'), 3]), 'not-finite', '.bbox'),
            (0, dict(answer_error=0.5), 'answer-error', '[0] (id 1).answer_error'),
            (1, dict(answer_error='5%'), 'answer-error', '[1] (id b).answer_error'),
            (2, dict(image_id=99), 'unknown-image', '.image_id'),
            (2, dict(category_id=9), 'unknown-category', '.category_id'),
        ],
    )
    def test_entry(self, build, index, change, code, place):
        """File and entry are named."""
        data = tag_file()
        data['annotations'][index].update(change)
        with refuses(code, 'tags.json: annotations') as error:
            build(data)
        assert place in error.value.place

    @pytest.mark.parametrize('part', ['images', 'annotations'])
    def test_id_twice(self, build, part):
        """One of the two would be taken for the other."""
        data = tag_file()
        data[part].append(dict(data[part][0]))
        with refuses('duplicate-id', part):
            build(data)

    @pytest.mark.parametrize('change', [dict(file_name=None), dict(width='9'), dict(height=0)])
    def test_image(self, build, change):
        """An image needs a name and a size."""
        data = tag_file()
        data['images'][1].update(change)
        with refuses('malformed', f'images[1] (id two).{next(iter(change))}'):
            build(data)

    def test_other_keypoints(self, build):
        """Keypoints in another order would be read as others."""
        data = tag_file()
        data['categories'][0]['keypoints'] = NAMES[::-1]
        with refuses('metainfo-names', 'categories[0]'):
            build(data)

    @pytest.mark.parametrize('text', ['', '[]', '{"images": 3}', '{"images": [1]', '[[' * 5000])
    def test_no_tag_file(self, build, text):
        """No stack of unrelated frames for what is no tag file."""
        with pytest.raises(UserError, match=r'tags\.json'):
            build(text or ' ')

    def test_newer_version(self, build):
        """A file of a later version is not half understood."""
        with refuses('version', 'tags.json'):
            build(dict(tag_file(), info=dict(tag_format='2.0')))


class TestOtherDataSets:
    """The withholding step on MMPose's own classes."""

    def test_tags_in_a_coco_file(self, build):
        """Tags as a list in a COCO file are read with any data set class."""
        data = tag_file()
        data['images'], data['annotations'] = data['images'][:1], [data['annotations'][3]]
        out = build(data, type='LspExtendedDataset')[0]
        assert out['keypoint_tags'][0, 0].tolist() == [1, 1, 0]

    def test_tags_by_name_are_refused(self, build):
        """By name they need the data set of tag files; they are not ignored."""
        data = tag_file()
        data['images'], data['annotations'] = data['images'][:1], [data['annotations'][3]]
        data['annotations'][0]['keypoint_tags'] = {'nose': 1}
        with refuses('pipeline', '.keypoint_tags'):
            build(data, type='LspExtendedDataset')[0]

    def test_plain_coco_file(self, people):
        """A COCO file gives what MMPose's class gives, to the bit."""
        init_default_scope('mmpose')
        cfg = dict(
            data_root=str(people),
            ann_file='annotations/person_keypoints_train.json',
            data_prefix=dict(img='train/'),
            pipeline=[dict(type='WithholdLocations', fraction=0.5, views=4)],
        )
        metainfo = DATASETS.get('LspExtendedDataset').METAINFO
        ours = DATASETS.build(dict(cfg, type='TaggedCocoDataset', metainfo=metainfo))
        theirs = DATASETS.build(dict(cfg, type='LspExtendedDataset'))
        assert len(ours) == len(theirs) == 48
        for a, b in zip(ours, theirs):
            assert set(a) - set(b) <= {'has_locations'}
            for key in ('keypoint_tags', 'tag_views', 'keypoints', 'bbox', 'located'):
                assert np.array_equal(a[key], b[key])
