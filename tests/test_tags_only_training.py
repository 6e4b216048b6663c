"""Training on a file without coordinates equals training behind the withholding step."""

import copy
import logging

import pytest
import torch
from mmengine.runner import Runner
from mmpose.registry import DATASETS

from lfhpe_mmpose.annotation.withhold import withhold
from lfhpe_mmpose.tags import load_tag_file

TRUTH = 'annotations/person_keypoints_train.json'


@pytest.fixture
def train(tiny_cfg, tmp_path, monkeypatch):
    """Train six iterations; give the losses of each and the final weights."""

    def run(dataset: dict, fraction: float, views: int):
        cfg = copy.deepcopy(tiny_cfg)
        cfg.train_dataloader.dataset.update(dataset)
        cfg.train_dataloader.dataset.pipeline[0].update(fraction=fraction, views=views)
        # Half-body crops look at keypoints; here they would show a coordinate.
        cfg.train_dataloader.dataset.pipeline.insert(
            4, dict(type='RandomHalfBody', prob=1.0, min_total_keypoints=4)
        )
        for key in ('val', 'test'):
            for part in ('cfg', 'dataloader', 'evaluator'):
                cfg[f'{key}_{part}'] = None
        cfg.default_hooks.checkpoint = None
        cfg.randomness = dict(seed=5, deterministic=False)
        cfg.custom_hooks = []
        cfg.work_dir = str(tmp_path / cfg.train_dataloader.dataset.type)
        cfg.experiment_name = f'{tmp_path.name}-{cfg.train_dataloader.dataset.type}'
        torch.set_num_threads(1)
        runner = Runner.from_cfg(cfg)
        losses = []
        step = runner.model.parse_losses

        def record(values):
            losses.append({k: v.item() for k, v in values.items()})
            return step(values)

        monkeypatch.setattr(runner.model, 'parse_losses', record)
        runner.train()
        logging.getLogger('mmengine').handlers.clear()
        return losses, {k: v.clone() for k, v in runner.model.state_dict().items()}

    return run


def tags_only(people, path, views: int, change=None) -> dict:
    """Write the persons without any coordinate; the entry of a config that reads them."""
    tags = withhold(load_tag_file(people / TRUTH), views=views)
    tags.rest['info'] = dict(tag_format='1.0')  # the generator names its keypoint set there
    for category in tags.categories:
        del category['keypoints'], category['skeleton']
    if change:
        change(tags)
    tags.save(path)
    assert '"keypoints"' not in path.read_text()
    metainfo = DATASETS.get('LspExtendedDataset').METAINFO
    return dict(type='TaggedCocoDataset', metainfo=metainfo, ann_file=str(path))


class TestTagsOnlyTraining:
    """No ``keypoints`` key anywhere in the file."""

    @pytest.mark.parametrize(('views', 'fraction'), [(1, 0.0), (4, 0.0), (4, 1.0)])
    def test_same_numbers(self, train, people, tmp_path, views, fraction):
        """Losses and weights are those of WithholdLocations(fraction=0) on the located file.

        Whatever fraction is asked for: a person without coordinates is not located.
        """
        behind_door = train(dict(ann_file=TRUTH), 0.0, views)
        from_tags = train(tags_only(people, tmp_path / 'tags.json', views), fraction, views)
        assert behind_door[0] == from_tags[0] and len(from_tags[0]) == 6
        assert all(torch.equal(behind_door[1][k], from_tags[1][k]) for k in from_tags[1])

    def test_another_tag_is_seen(self, train, people, tmp_path):
        """One tag of one view turned over gives other numbers: this test can fail."""

        def turn(tags):
            view = tags.annotations[0]['tag_views'][0]['keypoint_tags']
            view[0] = 1 - view[0]

        behind_door = train(dict(ann_file=TRUTH), 0.0, 4)
        assert behind_door[0] != train(tags_only(people, tmp_path / 't.json', 4, turn), 0.0, 4)[0]
