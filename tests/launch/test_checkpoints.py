"""Reading checkpoints without running what they hold."""

import os
from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn

from lfhpe_mmpose.launch.checkpoints import (
    check_dataset_meta,
    check_state_dict,
    compare_state_dict,
    load_published,
)
from tests.refusal import refuses


class Evil:
    """An object that acts when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def model() -> nn.Module:
    """A small model with a batch norm."""
    return nn.Sequential(OrderedDict(conv=nn.Conv2d(3, 4, 1), bn=nn.BatchNorm2d(4)))


class TestLoadPublished:
    """One file."""

    def test_checkpoint(self, tmp_path):
        """A checkpoint comes back with all its parts."""
        path = tmp_path / 'a.pth'
        torch.save(dict(state_dict=model().state_dict(), meta=dict(epoch=3)), path)
        assert load_published(path)['meta'] == dict(epoch=3)

    def test_bare_state_dict(self, tmp_path):
        """A state dict alone, such as an ImageNet backbone's, is accepted."""
        path = tmp_path / 'a.pth'
        torch.save(model().state_dict(), path)
        assert set(load_published(path)) == {'state_dict'}
        assert 'conv.weight' in load_published(path)['state_dict']

    def test_code_does_not_run(self, tmp_path):
        """A file that would act on unpickling does not."""
        path = tmp_path / 'evil.pth'
        torch.save(dict(state_dict=model().state_dict(), meta=Evil(tmp_path / 'pwned')), path)
        with refuses('checkpoint-objects', path):
            load_published(path)
        assert not (tmp_path / 'pwned').exists()
        torch.load(path, weights_only=False)
        assert (tmp_path / 'pwned').exists()  # so it was able to

    def test_numpy(self, tmp_path):
        """NumPy's objects, which MMEngine writes, are reported as such."""
        path = tmp_path / 'raw.pth'
        torch.save(dict(state_dict=model().state_dict(), meta=dict(sigmas=np.ones(3))), path)
        with refuses('checkpoint-objects', path):
            load_published(path)

    def test_missing(self, tmp_path):
        """The folder's other checkpoints are named."""
        torch.save({}, tmp_path / 'epoch_9.pth')
        with refuses('checkpoint-missing', 'epoch_8.pth') as caught:
            load_published(tmp_path / 'epoch_8.pth')
        assert 'epoch_9.pth' in caught.value.remedy

    @pytest.mark.parametrize('keep', [0, 100, -200])
    def test_cut_off(self, tmp_path, keep):
        """A file that was cut off is reported with a remedy."""
        path = tmp_path / 'a.pth'
        torch.save(dict(state_dict=model().state_dict()), path)
        path.write_bytes(path.read_bytes()[:keep])
        with refuses('unreadable-checkpoint', path):
            load_published(path)

    @pytest.mark.parametrize(
        'content', [[1], dict(state_dict=3), dict(weights=torch.ones(1), n=1)]
    )
    def test_no_state_dict(self, tmp_path, content):
        """Another kind of file is refused."""
        path = tmp_path / 'a.pth'
        torch.save(content, path)
        with refuses('no-state-dict', path):
            load_published(path)

    def test_text(self, tmp_path):
        """A text file, such as a web page, is refused."""
        path = tmp_path / 'a.pth'
        path.write_text('<html>not found</html>')
        with refuses('unreadable-checkpoint', path):
            load_published(path)


class TestCheckStateDict:
    """Weights and model."""

    def test_good(self):
        """The model's own weights pass, also from several GPUs or an old torch."""
        weights = model().state_dict()
        check_state_dict(model(), weights, 'a.pth')
        check_state_dict(model(), {f'module.{k}': v for k, v in weights.items()}, 'a.pth')
        del weights['bn.num_batches_tracked']
        check_state_dict(model(), weights, 'a.pth')

    def test_bad(self):
        """Other shapes, missing and left-over weights are listed."""
        weights = model().state_dict()
        weights['conv.weight'] = torch.ones(5, 3, 1, 1)
        weights['head.weight'] = weights.pop('bn.bias')
        with refuses('other-model', 'a.pth') as caught:
            check_state_dict(model(), weights, 'a.pth')
        text = caught.value.fault
        assert 'conv.weight: (5, 3, 1, 1) in the file, (4, 3, 1, 1) in the model' in text
        assert 'not in the file (1):\n    bn.bias' in text
        assert 'not in the model (1):\n    head.weight' in text

    def test_model_is_not_changed(self):
        """Comparing loads nothing."""
        own = model()
        before = own.conv.weight.clone()
        compare_state_dict(own, {**model().state_dict(), 'x': torch.ones(1)})
        assert torch.equal(own.conv.weight, before)

    def test_renamed_by_the_model(self):
        """A model that renames old weights while loading is given them."""

        class Renaming(nn.Module):
            def __init__(self):
                super().__init__()
                self.new = nn.Linear(2, 2)
                self._register_load_state_dict_pre_hook(self.rename)

            def rename(self, state_dict, prefix, *_):
                for key in ('weight', 'bias'):
                    if f'{prefix}old.{key}' in state_dict:
                        state_dict[f'{prefix}new.{key}'] = state_dict.pop(f'{prefix}old.{key}')

        old = {k.replace('new', 'old'): v for k, v in Renaming().state_dict().items()}
        check_state_dict(Renaming(), old, 'a.pth')


class TestCheckDatasetMeta:
    """Keypoints of the file and of the data."""

    def test_names(self):
        """Other names are refused; a file that does not know is not."""
        meta = dict(keypoint_id2name={0: 'head', 1: 'neck'})
        checkpoint = dict(meta=dict(dataset_meta=meta))
        check_dataset_meta(checkpoint, ['head', 'neck'], 'a.pth')
        check_dataset_meta({}, ['head'], 'a.pth')
        for names, difference in (
            (['head', 'chin'], 'index 1 (neck and chin)'),
            (['head', 'neck', 'hip'], 'index 2 (nothing and hip)'),
        ):
            with refuses('other-keypoints', 'a.pth') as caught:
                check_dataset_meta(checkpoint, names, 'a.pth')
            assert difference in caught.value.fault
