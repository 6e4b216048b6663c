"""Tests of the strict loading of pretrained stages."""

import pytest
import torch

from lfhpe_mmpose.models.backbones import StagedResNet
from lfhpe_mmpose.models.backbones.pretrained import read_state_dict
from tests.refusal import refuses


def _slim(depth=18, num_stages=2, **kwargs):
    return StagedResNet(depth, num_stages=num_stages, base_channels=4, **kwargs)


def _load(path, prefix=None, **kwargs):
    cfg = dict(type='Pretrained', checkpoint=str(path))
    if prefix:
        cfg['prefix'] = prefix
    model = _slim(init_cfg=cfg, **kwargs)
    model.init_weights()
    return model


@pytest.fixture
def whole(tmp_path):
    """A file like torchvision's: four stages and a classifier."""
    torch.manual_seed(0)
    state = _slim(num_stages=4).state_dict()
    state['fc.weight'] = torch.zeros(10, 32)
    state['fc.bias'] = torch.zeros(10)
    path = tmp_path / 'whole.pth'
    torch.save(state, path)
    return path, state


class TestLoadKeptStages:
    """What fits is loaded, what does not fit is named."""

    @pytest.mark.parametrize('output_stride', [4, 8])
    def test_later_stages_are_ignored(self, whole, output_stride):
        """Every kept weight comes from the file, whatever the stride."""
        path, state = whole
        model = _load(path, output_stride=output_stride)
        for key, value in model.state_dict().items():
            assert torch.equal(value, state[key]), key

    def test_inside_a_model(self, whole):
        """A parent's ``init_weights`` loads it too, and does not overwrite it afterwards."""
        from mmengine.model import BaseModule

        path, state = whole
        parent = BaseModule(init_cfg=dict(type='Constant', layer='Conv2d', val=3.0))
        parent.backbone = _slim(init_cfg=dict(type='Pretrained', checkpoint=str(path)))
        parent.init_weights()
        assert torch.equal(parent.backbone.conv1.weight, state['conv1.weight'])

    def test_data_parallel_names_and_wrapped_state(self, whole, tmp_path):
        """``state_dict`` inside a checkpoint and ``module.`` before its names are understood."""
        path = tmp_path / 'wrapped.pth'
        torch.save(dict(state_dict={'module.' + k: v for k, v in whole[1].items()}), path)
        assert torch.equal(_load(path).conv1.weight, whole[1]['conv1.weight'])

    def test_counters_may_be_missing(self, whole, tmp_path):
        """Old torchvision files have no ``num_batches_tracked``."""
        path = tmp_path / 'old.pth'
        torch.save({k: v for k, v in whole[1].items() if 'num_batches' not in k}, path)
        assert torch.equal(_load(path).conv1.weight, whole[1]['conv1.weight'])

    @pytest.mark.parametrize('depth, fault', [(34, 'layer1.2.conv1.weight'), (50, 'layer1.0')])
    def test_another_depth(self, whole, tmp_path, depth, fault):
        """A checkpoint of another depth is refused: file, key and remedy are named."""
        path = tmp_path / f'r{depth}.pth'
        torch.save(_slim(depth, num_stages=4).state_dict(), path)
        with refuses('weights-mismatch', path) as caught:
            _load(path)
        assert fault in caught.value.fault and 'depth' in caught.value.remedy

    def test_shallower_file(self, whole):
        """A deeper network is not filled half."""
        with refuses('weights-mismatch', whole[0]) as caught:
            _load(whole[0], depth=34)
        assert 'layer1.2.conv1.weight is missing' in caught.value.fault

    def test_missing_stage(self, tmp_path):
        """A file of fewer stages is refused."""
        path = tmp_path / 'short.pth'
        torch.save(_slim(num_stages=1).state_dict(), path)
        with refuses('weights-mismatch', path) as caught:
            _load(path)
        assert 'layer2.0.conv1.weight is missing' in caught.value.fault

    def test_another_width(self, tmp_path):
        """A weight of another shape is named with both shapes."""
        path = tmp_path / 'wide.pth'
        torch.save(StagedResNet(18, num_stages=2, base_channels=8).state_dict(), path)
        with refuses('weights-mismatch', path) as caught:
            _load(path)
        assert 'conv1.weight has shape (8, 3, 7, 7) instead of (4' in caught.value.fault

    def test_weights_of_a_whole_model(self, whole, tmp_path):
        """The remedy names the prefix, and the prefix works; a wrong one is named."""
        path = tmp_path / 'pose.pth'
        torch.save({'backbone.' + k: v for k, v in whole[1].items()}, path)
        with refuses('weights-mismatch', path) as caught:
            _load(path)
        assert "prefix='backbone.'" in caught.value.remedy
        assert torch.equal(_load(path, 'backbone').conv1.weight, whole[1]['conv1.weight'])
        with refuses('weights-mismatch', path) as caught:
            _load(path, 'encoder')
        assert "prefix='encoder'" in caught.value.remedy

    def test_refused_load_changes_nothing(self, tmp_path):
        """The network is as before when the file does not fit."""
        path = tmp_path / 'r34.pth'
        torch.save(_slim(34).state_dict(), path)
        model = _slim(init_cfg=dict(type='Pretrained', checkpoint=str(path)))
        before = {k: v.clone() for k, v in model.state_dict().items()}
        with refuses('weights-mismatch', path):
            model.init_weights()
        assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())


class TestReadStateDict:
    """Files that are no weights."""

    def test_unreadable(self, tmp_path):
        """A missing file, a text file, an empty one and an unknown model are named."""
        text = tmp_path / 'text.pth'
        text.write_text('no weights')
        empty = tmp_path / 'empty.pth'
        empty.write_bytes(b'')
        for path in (tmp_path / 'none.pth', text, empty, 'torchvision://resnet19'):
            with refuses('weights-unreadable', path):
                read_state_dict(str(path))

    def test_no_weights(self, tmp_path):
        """A file without a state dict is named."""
        path = tmp_path / 'list.pth'
        torch.save([1, 2], path)
        with refuses('weights-empty', path):
            read_state_dict(str(path))
