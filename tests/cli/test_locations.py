"""``lfhpe list-located``, ``pseudo-locate`` and ``cases``."""

import json

import cv2
import numpy as np
import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.registry import DATASETS

from lfhpe_mmpose.tags.located import is_located


class TestListLocated:
    """The list agrees with WithholdLocations."""

    def test_list(self, lfhpe, people, tmp_path):
        """Each line is a located person, and no other person is located."""
        prefix = 'train_dataloader.dataset'
        done = lfhpe(
            *('list-located', 'lfhpe_synthetic-96x96_loc0', '--out', 'located.csv'),
            *(
                '--cfg-options',
                f'{prefix}.data_root={people}',
                f'{prefix}.pipeline.0.fraction=0.25',
            ),
            f'val_dataloader.dataset.data_root={people}',
        )
        assert done.status == 0, done.err
        lines = (tmp_path / 'located.csv').read_text().splitlines()
        assert lines[0] == 'image_id,annotation_id'
        listed = {tuple(map(int, line.split(','))) for line in lines[1:]}
        everybody = {(i, i) for i in range(1, 49)}
        assert listed == {p for p in everybody if is_located(*p, 0.25)}
        assert f'{len(listed)} of 48' in done.out


class TestPseudoLocate:
    """A model's locations of the training persons."""

    def test_file_and_training(self, lfhpe, trained, tmp_path):
        """Every person is in the file, and with it a training without locations has targets."""
        config, weights = trained
        done = lfhpe('pseudo-locate', config, '--weights', weights, '--out', 'pseudo.json')
        assert done.status == 0, done.err
        assert '48 persons: pseudo.json' in done.out
        persons = json.loads((tmp_path / 'pseudo.json').read_text())['persons']
        assert [p[:2] for p in persons] == [[i, i] for i in range(1, 49)]
        points = np.array([p[2] for p in persons])
        assert points.shape == (48, 14, 3) and np.isfinite(points).all()

        cfg = Config.fromfile(config)
        step = dict(type='LoadPseudoLocations', file=str(tmp_path / 'pseudo.json'), min_score=0.0)
        cfg.train_dataloader.dataset.pipeline.insert(1, step)
        init_default_scope('mmpose')
        dataset = DATASETS.build(cfg.train_dataloader.dataset)
        samples = [dataset[i]['data_samples'] for i in range(8)]
        sums = [s.gt_instance_labels.keypoint_weights.sum() for s in samples]
        assert any(sums) and not any(s.gt_instance_labels.located.any() for s in samples)

    def test_reads_no_coordinate(self, lfhpe, trained, people, tmp_path):
        """The file is the same when every annotated coordinate is noise."""
        config, weights = trained
        source = people / 'annotations' / 'person_keypoints_train.json'
        data = json.loads(source.read_text())
        rng = np.random.default_rng(0)
        for ann in data['annotations']:
            keypoints = np.array(ann['keypoints'], dtype=float).reshape(-1, 3)
            keypoints[:, :2] = rng.uniform(1, 90, (len(keypoints), 2))
            ann['keypoints'] = keypoints.flatten().tolist()
        (tmp_path / 'noise.json').write_text(json.dumps(data))
        files = []
        for ann_file in (source, tmp_path / 'noise.json'):
            options = ['--cfg-options', f'train_dataloader.dataset.ann_file={ann_file}']
            done = lfhpe(
                'pseudo-locate', config, '--weights', weights, '--out', 'out.json', *options
            )
            assert done.status == 0, done.err
            files.append((tmp_path / 'out.json').read_bytes())
        assert files[0] == files[1]


class TestCases:
    """Persons from wrong to right."""

    def test_picture(self, lfhpe, trained, tmp_path):
        """A row a rank; without photographs the input column is plain grey."""
        config, weights = trained
        heights = []
        for ranks in (['0.5'], ['0', '1']):
            done = lfhpe('cases', config, '--weights', weights, '--no-photo', '--ranks', *ranks)
            assert done.status == 0, done.err
            assert f'{len(ranks)} of 16 persons: cases.png' in done.out
            picture = cv2.imread(str(tmp_path / 'cases.png'))
            heights.append(picture.shape[0])
        assert heights[1] > 1.7 * heights[0]
        side = Config.fromfile(config).codec.input_size[0]
        assert (picture[-side:-10, 10:side] == 128).all()
        assert np.ptp(picture) > 0

    @pytest.mark.parametrize('rank', ['7', '-0.1', 'nan'])
    def test_wrong_rank(self, lfhpe, trained, rank):
        """Ranks are shares."""
        done = lfhpe('cases', trained[0], '--weights', trained[1], f'--ranks={rank}')
        assert done.status == 2 and '[option]' in done.err
