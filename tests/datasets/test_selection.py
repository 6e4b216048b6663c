"""What a withheld coordinate is does not decide who is trained on, in any recipe's data set."""

import json

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS

from lfhpe_mmpose.datasets import SelectsByFlags, TaggedCocoDataset
from tests.conftest import ROOT
from tests.refusal import refuses

FLAGS = [[2, 1], [1, 0], [0, 0], [0, 2], [2, 2]]
CHANGES = {
    'truth': None,
    'zero': 0.0,
    'negative': -3.0,
    'nan': float('nan'),
    'infinity': float('inf'),
}


def training_sets():
    """The data set of training of each family's recipe."""
    found = {}
    for path in sorted((ROOT / 'configs').glob('*/*loc0.py')):
        cfg = Config.fromfile(path).train_dataloader.dataset
        found[cfg.type] = cfg
    return list(found.values())


def write(path, names, value, counted):
    """Five persons with these flags, their coordinates all ``value``."""
    annotations = []
    for i, flags in enumerate(FLAGS):
        flags = [*flags, *[0] * (len(names) - 2)]
        rows = [[10.0 + k if value is None else value] * 2 + [f] for k, f in enumerate(flags)]
        person = dict(id=i, image_id=1 - i % 2, category_id=1, bbox=[5, 5, 50, 50], iscrowd=0)
        person['keypoints'] = [v for row in rows for v in row]
        if counted:
            person['num_keypoints'] = sum(f > 0 for f in flags)
        annotations.append(person)
    images = [dict(id=i, file_name=f'{i}.jpg', width=90, height=80) for i in (1, 0)]
    categories = [dict(id=1, name='person', keypoints=names)]
    path.write_text(
        json.dumps(dict(images=images, annotations=annotations, categories=categories))
    )


@pytest.mark.parametrize('counted', [True, False])
@pytest.mark.parametrize('cfg', training_sets(), ids=lambda cfg: cfg.type)
def test_same_persons(tmp_path, cfg, counted):
    """The same persons in the same order, whatever the coordinates are."""
    init_default_scope('mmpose')
    kind = DATASETS.get(cfg.type)
    assert issubclass(kind, SelectsByFlags | TaggedCocoDataset)
    meta = parse_pose_metainfo(dict(cfg.get('metainfo') or kind.METAINFO))
    names = [meta['keypoint_id2name'][i] for i in range(meta['num_keypoints'])]
    chosen = {}
    for change, value in CHANGES.items():
        path = tmp_path / f'{change}.json'
        write(path, names, value, counted)
        build = dict(type=cfg.type, ann_file=str(path), pipeline=[], metainfo=cfg.get('metainfo'))
        if kind is TaggedCocoDataset and value is not None and not np.isfinite(value):
            with refuses('not-finite', path):
                DATASETS.build(build)
            continue
        dataset = DATASETS.build(build)
        infos = [dataset.get_data_info(i) for i in range(len(dataset))]
        chosen[change] = [(info['id'], info['num_keypoints']) for info in infos]
    assert [i for i, _ in chosen['truth']] == [0, 4, 1, 3]
    assert all(found == chosen['truth'] for found in chosen.values())


def test_mmpose_looks_at_them(tmp_path):
    """MMPose's own class drops these persons: the test above can fail."""
    write(tmp_path / 'a.json', [str(i) for i in range(17)], -3.0, True)
    cfg = dict(type='CocoDataset', ann_file=str(tmp_path / 'a.json'), serialize_data=False)
    assert len(DATASETS.build(cfg)) == 0
