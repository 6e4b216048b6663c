"""AI Challenger from its own lists."""

import json

import numpy as np
import pytest

from lfhpe_mmpose.annotation.prepare import Job, prepare_dataset
from lfhpe_mmpose.tags import load_tag_file
from tests.refusal import refuses

from .samples import write_source

LIST = 'ai_challenger_keypoint_train_20170909/keypoint_train_annotations_20170909.json'


@pytest.fixture
def source(tmp_path):
    """Twelve images of two persons in each part."""
    return write_source('aic', tmp_path / 'source')


def prepare(source, tmp_path):
    """The training part."""
    prepare_dataset('aic', Job(source, tmp_path / 'out', progress=False))
    return load_tag_file(tmp_path / 'out' / 'annotations' / 'aic_train.json')


def change(source, edit):
    """Change the first entry of the training list."""
    entries = json.loads((source / LIST).read_text())
    edit(entries[0])
    (source / LIST).write_text(json.dumps(entries))


class TestAic:
    """`prepare_dataset('aic')`."""

    def test_persons(self, source, tmp_path):
        """Flags 1, 2, 3 become 2, 1, 0; corners become a box; ids follow the list."""
        entries = json.loads((source / LIST).read_text())
        train = prepare(source, tmp_path)
        assert len(train.annotations) == 24
        for person in train.annotations:
            entry = entries[person['image_id'] - 1]
            human = f'human{person["id"] % 100}'
            theirs = np.reshape(entry['keypoint_annotations'][human], (14, 3))
            ours = np.reshape(person['keypoints'], (14, 3))
            assert (ours[:, 2] == 3 - theirs[:, 2]).all()
            assert (ours[ours[:, 2] > 0, :2] == theirs[ours[:, 2] > 0, :2]).all()
            x1, y1, x2, y2 = entry['human_annotations'][human]
            assert person['bbox'] == [x1, y1, x2 - x1, y2 - y1]
        assert train.images[3]['file_name'] == f'{entries[3]["image_id"]}.jpg'
        assert train.names()[12:] == ['head_top', 'neck']

    def test_person_without_box(self, source, tmp_path):
        """It is left out, the other stays."""
        change(source, lambda entry: entry['human_annotations'].pop('human1'))
        assert [a['id'] for a in prepare(source, tmp_path).annotations][:2] == [102, 201]

    @pytest.mark.parametrize(
        ('edit', 'code', 'place'),
        [
            (lambda e: e.pop('image_id'), 'malformed', '[0]'),
            (lambda e: e['keypoint_annotations']['human2'].pop(), 'keypoint-count', "['human2']"),
            (
                lambda e: e['keypoint_annotations']['human1'].__setitem__(2, 5),
                'keypoint-count',
                "['human1']",
            ),
            (lambda e: e['keypoint_annotations'].update(man=[0]), 'malformed', "['man']"),
            (lambda e: e.update(keypoint_annotations=[]), 'malformed', '[0]'),
        ],
    )
    def test_wrong_entry(self, source, tmp_path, edit, code, place):
        """The entry is named."""
        change(source, edit)
        with refuses(code, place=place):
            prepare(source, tmp_path)

    def test_cut_off(self, source, tmp_path):
        """A list that ends too early."""
        text = (source / LIST).read_text()
        (source / LIST).write_text(text[: len(text) // 2])
        with refuses('cut-off', place=LIST):
            prepare(source, tmp_path)
        assert not (tmp_path / 'out' / 'annotations').exists()
