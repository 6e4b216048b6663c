"""tools/pseudo_locate.py, and a training on what it writes."""

import json

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.registry import DATASETS

from lfhpe_mmpose.apis import publish_model

from .conftest import run, write_tiny_cfg


@pytest.fixture(scope='module')
def teacher(tmp_path_factory, people):
    """A tiny config without locations, and weights of one epoch of it."""
    folder = tmp_path_factory.mktemp('teacher')
    config = write_tiny_cfg(folder, people, fraction=0.0)
    done = run('train.py', config, cwd=folder)
    assert done.returncode == 0, done.stderr[-3000:]
    return config, publish_model(folder / 'work_dir' / 'epoch_1.pth', folder / 'weights.pth')


class TestPseudoLocate:
    """A model's locations of the training persons."""

    def test_file_and_training(self, teacher, people, tmp_path):
        """Every person is in the file, and with it a training without locations has targets."""
        config, weights = teacher
        done = run('pseudo_locate.py', config, weights, '--out', 'pseudo.json', cwd=tmp_path)
        assert done.returncode == 0, done.stderr[-3000:]
        assert '48 persons: pseudo.json' in done.stdout
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
        weights = [s.gt_instance_labels.keypoint_weights.sum() for s in samples]
        assert any(weights) and not any(s.gt_instance_labels.located.any() for s in samples)

    def test_reads_no_coordinate(self, teacher, people, tmp_path):
        """The file is the same when every annotated coordinate is noise."""
        config, weights = teacher
        source = people / 'annotations' / 'person_keypoints_train.json'
        data = json.loads(source.read_text())
        rng = np.random.default_rng(0)
        for ann in data['annotations']:
            keypoints = np.array(ann['keypoints'], dtype=float).reshape(-1, 3)
            keypoints[:, :2] = rng.uniform(1, 90, (len(keypoints), 2))
            ann['keypoints'] = keypoints.flatten().tolist()
        (tmp_path / 'noise.json').write_text(json.dumps(data))
        files = []
        for name, ann_file in (('truth', source), ('noise', tmp_path / 'noise.json')):
            options = ['--cfg-options', f'train_dataloader.dataset.ann_file={ann_file}']
            done = run(
                'pseudo_locate.py',
                config,
                weights,
                '--out',
                f'{name}.json',
                *options,
                cwd=tmp_path,
            )
            assert done.returncode == 0, done.stderr[-3000:]
            files.append((tmp_path / f'{name}.json').read_bytes())
        assert files[0] == files[1]
