"""Pictures of maps during a training."""

import cv2
import pytest
import torch

from lfhpe_mmpose.launch.runner import build_runner
from tests.refusal import refuses


@pytest.fixture
def cfg(tiny_cfg):
    """The tiny config with the hook, two steps of training."""
    tiny_cfg.train_dataloader.dataset.indices = 16
    tiny_cfg.custom_hooks = [dict(type='MapsHook', interval=1, number=3)]
    tiny_cfg.randomness = dict(seed=0)
    return tiny_cfg


class TestMapsHook:
    """`MapsHook`."""

    def test_pictures_change_and_the_training_does_not(self, cfg, tmp_path):
        """One picture before the first step and one a step; the weights are those without."""
        build_runner(cfg).train()
        folder = tmp_path / 'work_dir' / 'maps'
        pictures = sorted(folder.iterdir())
        assert [p.name for p in pictures] == ['000000.jpg', '000001.jpg', '000002.jpg']
        first, last = (cv2.imread(str(p)) for p in (pictures[0], pictures[-1]))
        assert first.shape == last.shape and (first != last).any()
        with_hook = torch.load(tmp_path / 'work_dir' / 'epoch_1.pth', weights_only=False)
        cfg.custom_hooks = []
        build_runner(cfg).train()
        without = torch.load(tmp_path / 'work_dir' / 'epoch_1.pth', weights_only=False)
        for name, value in without['state_dict'].items():
            assert torch.equal(value, with_hook['state_dict'][name]), name

    def test_no_validation(self, cfg):
        """There is nobody to draw."""
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
        with refuses('maps-hook', 'MapsHook'):
            build_runner(cfg).train()
