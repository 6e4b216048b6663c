"""Leeds Sports Pose and its extension from their MATLAB files."""

import json

import numpy as np
import pytest
import scipy.io

from lfhpe_mmpose.annotation.prepare import Job, prepare_dataset
from lfhpe_mmpose.annotation.prepare.lsp import extent_box, validation_rows
from lfhpe_mmpose.tags import load_tag_file
from tests.refusal import refuses

from .samples import write_source


def prepare(kind, tmp_path, count=20, **options):
    """Both parts of a small data set, and its coordinates."""
    source = write_source(kind, tmp_path / 'source', count)
    prepare_dataset(kind, Job(source, tmp_path / 'out', progress=False, **options))
    second = 'test' if kind == 'lsp' else 'val'
    folder = tmp_path / 'out' / 'annotations'
    joints = scipy.io.loadmat(source / 'joints.mat')['joints']
    return *(load_tag_file(folder / f'{s}.json') for s in ('train', second)), joints


class TestLsp:
    """`prepare_dataset('lsp')`."""

    def test_split_and_flags(self, tmp_path):
        """First half train; a flag of 1 is an occluded keypoint."""
        train, test, joints = prepare('lsp', tmp_path)
        assert joints.shape == (3, 14, 20)
        assert [i['file_name'] for i in train.images] == [f'im{i:04d}.jpg' for i in range(1, 11)]
        assert test.images[0] == dict(id=11, file_name='im0011.jpg', width=60, height=80)
        for person in train.annotations + test.annotations:
            points = np.reshape(person['keypoints'], (14, 3))
            x, y, occluded = joints[:, :, person['id'] - 1]
            np.testing.assert_allclose(points[:, 0], x, atol=0.001)
            np.testing.assert_allclose(points[:, 1], y, atol=0.001)
            assert (points[:, 2] == np.where(occluded == 1, 1, 2)).all()

    def test_other_set(self, tmp_path):
        """The file of the extension is known as such."""
        source = write_source('lspet', tmp_path / 'source')
        with refuses('joints-shape', place='joints.mat') as caught:
            prepare_dataset('lsp', Job(source, tmp_path / 'out', progress=False))
        assert "'lspet'" in caught.value.fault

    @pytest.mark.parametrize('value', [np.nan, np.inf])
    def test_bad_numbers(self, tmp_path, value):
        """Every joint has coordinates here."""
        source = write_source('lsp', tmp_path / 'source')
        joints = scipy.io.loadmat(source / 'joints.mat')['joints']
        joints[0, 3, 4] = value
        scipy.io.savemat(source / 'joints.mat', dict(joints=joints))
        with refuses('not-finite', place='joints.mat'):
            prepare_dataset('lsp', Job(source, tmp_path / 'out', progress=False))


class TestLspExtended:
    """`prepare_dataset('lspet')`."""

    def test_flags(self, tmp_path):
        """A flag of 1 is an annotated keypoint; the others leave no coordinate."""
        train, val, joints = prepare('lspet', tmp_path)
        assert joints.shape == (14, 3, 20)
        assert (len(train.images), len(val.images)) == (18, 2)
        for person in train.annotations + val.annotations:
            points = np.reshape(person['keypoints'], (14, 3))
            known = joints[:, 2, person['id'] - 1] == 1
            assert (points[:, 2] == 2 * known).all()
            assert not points[~known].any()
            xy = joints[known, :2, person['id'] - 1]
            np.testing.assert_allclose(points[known, :2], xy, atol=0.001)

    def test_nan_of_unseen_joint(self, tmp_path):
        """What is not used may be anything."""
        source = write_source('lspet', tmp_path / 'source')
        joints = scipy.io.loadmat(source / 'joints.mat')['joints']
        joints[:, :2][joints[:, 2:].repeat(2, 1) == 0] = np.nan
        scipy.io.savemat(source / 'joints.mat', dict(joints=joints))
        prepare_dataset('lspet', Job(source, tmp_path / 'out', progress=False))
        assert load_tag_file(tmp_path / 'out/annotations/train.json').annotations

    def test_split_of_our_results(self, data_dir):
        """The validation persons are those that the results were measured on."""
        data = json.loads((data_dir / 'lspet' / 'annotations' / 'val.json').read_text())
        ours = sorted(image['file_name'] for image in data['images'])
        assert sorted(f'im{i + 1:05d}.jpg' for i in validation_rows(10000)) == ours

    def test_split_is_fixed(self):
        """Also where the data are not at hand."""
        rows = validation_rows(10000)
        assert len(rows) == 1000
        assert sorted(rows)[:4] == [3, 6, 23, 25]

    def test_val_list(self, tmp_path):
        """A list of names goes before."""
        path = tmp_path / 'val.txt'
        path.write_text('im00003.jpg\nim00007.jpg\n')
        _, val, _ = prepare('lspet', tmp_path, val_list=path)
        assert [i['id'] for i in val.images] == [3, 7]
        path.write_text('im3.jpg\n')
        with refuses('val-list', place=path):
            prepare('lspet', tmp_path, val_list=path)


class TestExtentBox:
    """`extent_box`."""

    def test_margin_and_border(self):
        """A quarter more, cut at the image."""
        points = np.array([[10.0, 4.0], [30.0, 44.0]])
        assert extent_box(points, (60, 80)) == [7.5, 0, 25, 49]
