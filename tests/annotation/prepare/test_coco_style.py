"""COCO, CrowdPose, OCHuman and AP-10K."""

import json

import pytest

from lfhpe_mmpose.annotation.prepare import Job, prepare_dataset
from lfhpe_mmpose.annotation.prepare.coco_style import SETS
from lfhpe_mmpose.annotation.prepare.job import category_of
from lfhpe_mmpose.tags import load_tag_file
from tests.refusal import refuses

from .samples import write_source


def prepare(kind, source, tmp_path, **options):
    """Prepare; return the folder."""
    prepare_dataset(kind, Job(source, tmp_path / 'out', progress=False, **options))
    return tmp_path / 'out'


def change(path, edit):
    """Change a JSON file."""
    data = json.loads(path.read_text())
    edit(data)
    path.write_text(json.dumps(data))


class TestNames:
    """Names of keypoints become MMPose's."""

    @pytest.mark.parametrize(
        ('kind', 'file', 'renamed'),
        [
            ('crowdpose', 'mmpose_crowdpose_test.json', {12: ('head', 'top_head')}),
            ('ap10k', 'ap10k-val-split2.json', {7: ('left_front_paw', 'L_F_Paw')}),
            ('ochuman', 'ochuman_coco_format_val_range_0.00_1.00.json', {}),
        ],
    )
    def test_only_names_change(self, kind, file, renamed, tmp_path):
        """All else is as it was, every category has them."""
        source = write_source(kind, tmp_path / 'source')
        original = next(source.glob(f'**/{file.removeprefix("mmpose_")}'))
        before = json.loads(original.read_text())
        after = json.loads((prepare(kind, source, tmp_path) / 'annotations' / file).read_text())
        own = category_of(SETS[kind].metainfo)['keypoints']
        for old, new in zip(before.pop('categories'), after.pop('categories'), strict=True):
            assert new['keypoints'] == own
            assert {k: (old['keypoints'][k], own[k]) for k in renamed} == renamed
        after.pop('info')
        before.pop('info', None)
        assert after == before

    def test_known_names_match(self):
        """Our lists of their names are as long as MMPose's, left and right in the same places."""
        for style in SETS.values():
            own = category_of(style.metainfo)['keypoints']
            if style.names:
                assert len(style.names) == len(own)
                for theirs, ours in zip(style.names, own):
                    side = ours.lower().partition('_')[0]
                    expected = {'l': 'left', 'r': 'right'}.get(side, side)
                    assert theirs.startswith(('left', 'right')) == (expected in ('left', 'right'))
                    if expected in ('left', 'right'):
                        assert theirs.startswith(expected)

    def test_unknown_names(self, tmp_path):
        """A file with other keypoints is not this data set."""
        source = write_source('ap10k', tmp_path / 'source')
        file = source / 'ap-10k/annotations/ap10k-train-split1.json'
        change(file, lambda d: d['categories'][1]['keypoints'].reverse())
        with refuses('keypoint-names', place='categories[1].keypoints'):
            prepare('ap10k', source, tmp_path)


class TestChecks:
    """A malformed file is refused, with file, entry and fault."""

    @pytest.mark.parametrize(
        ('edit', 'code', 'place'),
        [
            (lambda d: d['images'][2].pop('crowdIndex'), 'malformed', 'images[2]'),
            (lambda d: d['images'][1].update(id=100001), 'duplicate-id', 'images[1]'),
            (lambda d: d['images'].clear(), 'no-images', ''),
            (lambda d: d['annotations'][3].update(id=1000010), 'duplicate-id', 'annotations[3]'),
            (lambda d: d['annotations'][3].update(image_id=5), 'unknown-image', 'annotations[3]'),
            (lambda d: d['annotations'][3].update(image_id=[]), 'malformed', 'image_id'),
            (lambda d: d['annotations'][3].update(category_id=9), 'unknown-category', '[3]'),
            (lambda d: d['annotations'][3].update(bbox=[1, 2, 3]), 'box', 'annotations[3]'),
            (lambda d: d['annotations'][3].update(bbox=[1, 2, 3, float('nan')]), 'box', '[3]'),
            (lambda d: d['annotations'][3]['keypoints'].pop(), 'keypoint-count', '[3]'),
            (lambda d: d['annotations'][3]['keypoints'].__setitem__(2, 3), 'visibility', ''),
            (lambda d: d.pop('categories'), 'structure', ''),
        ],
    )
    def test_faults(self, edit, code, place, tmp_path):
        """One fault each, in the first file that is read."""
        source = write_source('crowdpose', tmp_path / 'source')
        change(source / 'json' / 'crowdpose_trainval.json', edit)
        with refuses(code, place=place) as caught:
            prepare('crowdpose', source, tmp_path)
        assert 'crowdpose_trainval.json' in caught.value.place

    def test_person_without_box(self, tmp_path):
        """It cannot be cropped: left out and counted."""
        source = write_source('ochuman', tmp_path / 'source')
        file = source / 'ochuman_coco_format_val_range_0.00_1.00.json'
        change(file, lambda d: d['annotations'][0].pop('bbox'))
        lines = prepare_dataset('ochuman', Job(source, tmp_path / 'out', progress=False))
        assert '    left out: 1 persons without box or keypoints' in lines
        assert len(load_tag_file(tmp_path / 'out' / 'annotations' / file.name).annotations) == 23

    def test_own_file_is_not_written_over(self, tmp_path):
        """What the user downloaded stays as it is."""
        source = write_source('ap10k', tmp_path / 'source') / 'ap-10k'
        file = source / 'annotations/ap10k-train-split1.json'
        before = file.read_bytes()
        with refuses('in-the-way', place=file.name):
            prepare_dataset('ap10k', Job(source, source, progress=False))
        assert file.read_bytes() == before

    def test_crowdpose_in_its_own_folder(self, tmp_path):
        """The result has another name, so there is room for both; twice is fine."""
        source = write_source('crowdpose', tmp_path / 'source')
        for _ in range(2):
            lines = prepare_dataset('crowdpose', Job(source, source, progress=False))
            assert all('in place' in line for line in lines)
        assert (source / 'annotations/mmpose_crowdpose_test.json').is_file()


class TestCoco:
    """`prepare_dataset('coco')`: linked as it is."""

    def test_links(self, tmp_path):
        """Annotations and images by links."""
        source = write_source('coco', tmp_path / 'source')
        out = prepare('coco', source, tmp_path)
        file = out / 'annotations/person_keypoints_val2017.json'
        assert file.is_symlink()
        assert len(load_tag_file(file).annotations) == 24
        assert len(list((out / 'train2017').iterdir())) == 12

    def test_in_place(self, tmp_path):
        """COCO's own layout is what the recipes read: nothing is changed."""
        source = write_source('coco', tmp_path / 'source')
        before = sorted(p.name for p in source.rglob('*'))
        assert 'in place' in prepare_dataset('coco', Job(source, source, progress=False))[0]
        assert sorted(p.name for p in source.rglob('*')) == before

    def test_missing(self, tmp_path):
        """What is missing is named, and where to get it."""
        source = write_source('coco', tmp_path / 'source')
        (source / 'annotations/person_keypoints_val2017.json').unlink()
        with refuses('source-missing', place=source) as caught:
            prepare('coco', source, tmp_path)
        assert 'person_keypoints_val2017.json' in caught.value.fault
        assert 'annotations_trainval2017.zip' in caught.value.remedy
