"""Weights that are missing, broken or of another model."""

import copy

import pytest
import torch
from mmpose.registry import MODELS

from lfhpe_mmpose.launch.checks import check_before_run

from .words import COCO_NAMES, refuses


@pytest.fixture
def checkpoint(cfg, tmp_path):
    """A checkpoint of the config's model, as a run writes it."""
    from mmengine.registry import init_default_scope

    init_default_scope('mmpose')
    model = MODELS.build(copy.deepcopy(cfg.model))
    names = dict(enumerate(COCO_NAMES))
    content = dict(
        state_dict=model.state_dict(),
        meta=dict(dataset_meta=dict(keypoint_id2name=names)),
        optimizer={},
        message_hub={},
    )
    path = tmp_path / 'epoch_1.pth'
    torch.save(content, path)
    return path


class TestTest:
    """The checkpoint of a test."""

    def test_good(self, cfg, checkpoint):
        """The run's own checkpoint passes."""
        cfg.load_from = str(checkpoint)
        check_before_run(cfg, 'test')

    def test_missing(self, cfg, checkpoint):
        """A missing checkpoint is reported with those that exist."""
        cfg.load_from = str(checkpoint.with_name('epoch_2.pth'))
        error = refuses(cfg, 'checkpoint-missing', 'epoch_2.pth', 'CHECKPOINT', mode='test')
        assert 'epoch_1.pth' in error.remedy

    def test_other_model(self, cfg, checkpoint):
        """Weights of another model are refused, not loaded in part."""
        cfg.model.backbone.base_channels = 8
        cfg.model.head.in_channels = 16
        cfg.load_from = str(checkpoint)
        row = 'layer1.0.conv1.weight: (4, 4, 3, 3) in the file, (8, 4, 3, 3) in the model'
        refuses(cfg, 'other-model', checkpoint, row, mode='test')

    def test_other_number_of_keypoints(self, cfg, checkpoint):
        """A head of other keypoints is refused by shape."""
        content = torch.load(checkpoint, weights_only=True)
        weight = content['state_dict']['head.final_layer.weight']
        content['state_dict']['head.final_layer.weight'] = weight[:14]
        torch.save(content, checkpoint)
        cfg.load_from = str(checkpoint)
        row = 'head.final_layer.weight: (14, 8, 1, 1) in the file, (17, 8, 1, 1) in the model'
        refuses(cfg, 'other-model', row, mode='test')

    def test_other_keypoints(self, cfg, checkpoint):
        """Equally many keypoints of other names are refused."""
        content = torch.load(checkpoint, weights_only=True)
        content['meta']['dataset_meta']['keypoint_id2name'][3] = 'chin'
        torch.save(content, checkpoint)
        cfg.load_from = str(checkpoint)
        refuses(cfg, 'other-keypoints', checkpoint, 'index 3 (chin and left_ear)', mode='test')


class TestTrain:
    """What a training starts from."""

    def test_resume(self, cfg, checkpoint):
        """A run's checkpoint can be resumed, a published file cannot."""
        cfg.update(load_from=str(checkpoint), resume=True)
        check_before_run(cfg, 'train')
        content = torch.load(checkpoint, weights_only=True)
        del content['optimizer']
        torch.save(content, checkpoint)
        error = refuses(cfg, 'weights-only', checkpoint, '--resume')
        assert f'load_from={checkpoint}' in error.remedy

    def test_resume_missing(self, cfg):
        """A missing checkpoint to resume is named with its option."""
        cfg.update(load_from='gone/epoch_3.pth', resume=True)
        refuses(cfg, 'checkpoint-missing', 'gone/epoch_3.pth', '--resume')

    def test_start_with_another_head(self, cfg, checkpoint):
        """Fine-tuning may replace the head."""
        content = torch.load(checkpoint, weights_only=True)
        weight = content['state_dict'].pop('head.final_layer.weight')
        content['state_dict']['head.other.weight'] = weight
        torch.save(content, checkpoint)
        cfg.load_from = str(checkpoint)
        check_before_run(cfg, 'train')

    def test_start_with_another_model(self, cfg, checkpoint):
        """Of another model nearly nothing would be loaded."""
        cfg.model.backbone.depth = 50
        cfg.model.backbone.base_channels = 8
        cfg.model.head.in_channels = 64
        cfg.load_from = str(checkpoint)
        refuses(cfg, 'other-model', checkpoint, 'load_from')

    def test_backbone_weights_missing(self, cfg):
        """A missing init_cfg file is named with its entry."""
        cfg.model.backbone.init_cfg = dict(type='Pretrained', checkpoint='r50.pth')
        refuses(cfg, 'checkpoint-missing', 'r50.pth', 'model.backbone.init_cfg.checkpoint')

    def test_backbone_weights_of_another_network(self, cfg, tmp_path):
        """MMEngine would continue with a random backbone."""
        path = tmp_path / 'vit.pth'
        torch.save({'blocks.0.weight': torch.ones(2)}, path)
        cfg.model.backbone.init_cfg = dict(type='Pretrained', checkpoint=str(path))
        refuses(cfg, 'other-model', path, 'model.backbone.init_cfg.checkpoint')

    def test_backbone_weights_with_prefix(self, cfg, checkpoint):
        """The prefix of init_cfg is applied."""
        init = dict(type='Pretrained', checkpoint=str(checkpoint), prefix='backbone.')
        cfg.model.backbone.init_cfg = init
        check_before_run(cfg, 'train')
        init['prefix'] = 'neck.'
        cfg.model.backbone.init_cfg = init
        refuses(cfg, 'other-model', checkpoint)

    def test_remote_weights(self, cfg):
        """Weights from the net are left to MMEngine."""
        cfg.model.backbone.init_cfg = dict(type='Pretrained', checkpoint='torchvision://resnet18')
        check_before_run(cfg, 'train')

    def test_model_that_cannot_be_built(self, cfg):
        """A misspelt argument of the model is reported before the run."""
        cfg.model.backbone.dept = 18
        refuses(cfg, 'model', 'dept')
