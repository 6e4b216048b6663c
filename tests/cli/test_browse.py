"""``lfhpe browse``."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.tiny_model import write_config

from .calling import status_of

PERSONS = 14


def _write_data(folder, seed):
    """Noise images with one person each; the seed moves keypoints, and nothing else."""
    (folder / 'images').mkdir(exist_ok=True)
    rng, places = np.random.default_rng(0), np.random.default_rng(seed)
    images, annotations = [], []
    for i in range(PERSONS):
        name = f'{i}.png'
        cv2.imwrite(str(folder / 'images' / name), rng.integers(0, 255, (80, 60, 3), np.uint8))
        images.append(dict(id=i, file_name=name, width=60, height=80))
        keypoints = np.concatenate(
            [places.uniform(10, 50, (17, 2)), rng.integers(0, 3, (17, 1))], axis=1
        )
        annotations.append(
            dict(
                id=i,
                image_id=i,
                category_id=1,
                bbox=[5, 5, 50, 70],
                area=3500,
                iscrowd=0,
                num_keypoints=17,
                keypoints=keypoints.ravel().tolist(),
                segmentation=[places.uniform(10, 50, 8).tolist()],
            )
        )
    content = dict(
        images=images,
        annotations=annotations,
        categories=[dict(id=1, name='person', keypoints=['x'] * 17, skeleton=[])],
    )
    (folder / 'annotations.json').write_text(json.dumps(content))


def _browse(folder, fraction, out, *options):
    config = write_config(folder, 17, fraction)
    status = status_of('browse', config, '--out-dir', folder / out, *options)
    return status, [p.read_bytes() for p in sorted((folder / out).glob('*.png'))]


class TestBrowse:
    """Pages of persons."""

    def test_writes_pages_and_says_where(self, tmp_path, capsys):
        """14 persons on two pages; none is located at fraction 0."""
        _write_data(tmp_path, seed=1)
        status, pages = _browse(tmp_path, 0.0, 'out', '--number', '100')
        assert status == 0
        assert len(pages) == 2
        printed = capsys.readouterr().out
        assert '14 of 14 persons of the train split, 0 located and 14 tagged' in printed
        assert str(tmp_path / 'out' / 'train_001.png') in printed

    def test_withheld_coordinates_cannot_be_seen(self, tmp_path):
        """Other coordinates, the same pictures; with locations they differ."""
        pages = {}
        for seed in (1, 2):
            _write_data(tmp_path, seed)
            for fraction in (0.0, 1.0):
                pages[seed, fraction] = _browse(tmp_path, fraction, f'{seed}_{fraction}')[1]
        assert pages[1, 0.0] == pages[2, 0.0] != []
        assert pages[1, 1.0] != pages[2, 1.0]

    def test_fraction_is_told(self, tmp_path, capsys):
        """Located and tagged persons add up."""
        _write_data(tmp_path, seed=1)
        _browse(tmp_path, 0.5, 'out', '--number', '14')
        words = capsys.readouterr().out.split('split, ')[1].split()
        located, tagged = int(words[0]), int(words[3])
        assert located + tagged == 14
        assert 0 < located < 14

    def test_val_split_shows_every_person_located(self, tmp_path, capsys):
        """The truth that metrics need."""
        _write_data(tmp_path, seed=1)
        status, pages = _browse(tmp_path, 0.0, 'out', '--split', 'val', '--number', '3')
        assert status == 0
        assert len(pages) == 1
        assert '3 of 14 persons of the val split, 3 located' in capsys.readouterr().out

    def test_missing_annotations_are_named(self, tmp_path, capsys):
        """With the entry to set."""
        status, pages = _browse(tmp_path, 0.0, 'out')
        assert (status, pages) == (2, [])
        error = capsys.readouterr().err
        assert str(tmp_path / 'annotations.json') in error
        assert 'train_dataloader.dataset.ann_file' in error

    def test_missing_image_is_named(self, tmp_path, capsys):
        """Before anything is drawn."""
        _write_data(tmp_path, seed=1)
        (tmp_path / 'images' / '3.png').unlink()
        status, pages = _browse(tmp_path, 0.0, 'out')
        assert (status, pages) == (2, [])
        assert str(tmp_path / 'images' / '3.png') in capsys.readouterr().err

    def test_pipeline_without_tags(self, tmp_path, capsys):
        """For a config of MMPose's own the message names what is missing."""
        _write_data(tmp_path, seed=1)
        config = tmp_path / 'plain.py'
        text = Path(write_config(tmp_path)).read_text()
        door = "dict(type='WithholdLocations', fraction=0.0, seed=0),"
        assert door in text
        config.write_text(text.replace(door, ''))
        assert status_of('browse', config, '--out-dir', tmp_path / 'out') == 2
        assert 'WithholdLocations' in capsys.readouterr().err

    @pytest.mark.parametrize(
        ('option', 'message'),
        [(('--number', '0'), '--number'), (('--split', 'test'), 'test_dataloader')],
    )
    def test_wrong_option(self, tmp_path, capsys, option, message):
        """A number that draws nothing, a split that is not there."""
        _write_data(tmp_path, seed=1)
        status, pages = _browse(
            tmp_path, 0.0, 'out', *option, '--cfg-options', 'test_dataloader=None'
        )
        assert (status, pages) == (2, [])
        assert message in capsys.readouterr().err
