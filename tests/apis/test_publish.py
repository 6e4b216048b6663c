"""Published weights: small, safe to load, and understood by MMPose."""

import copy
import hashlib
import pickle

import mmpose.apis
import numpy as np
import pytest
import torch
from mmengine.hooks import EMAHook
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import nn

from lfhpe_mmpose.apis.publish import publish_model
from lfhpe_mmpose.launch.checkpoints import load_published
from lfhpe_mmpose.visualization import LocationFreeVisualizer
from tests.refusal import refuses
from tests.tiny_model import dataset_meta, make_tiny_model


@pytest.fixture(scope='module', params=[14, 17])
def tiny(request, tmp_path_factory):
    """A small model with 14 and one with 17 keypoints."""
    return make_tiny_model(tmp_path_factory.mktemp('publish'), request.param)


@pytest.fixture(scope='module')
def tiny17(tmp_path_factory):
    """A small model with 17 keypoints."""
    return make_tiny_model(tmp_path_factory.mktemp('publish17'), 17)


class _Toy(BaseModel):
    """One weight that moves by one a step, and a batch norm."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.norm = nn.BatchNorm1d(1)

    def forward(self, inputs=None, data_samples=None, mode='loss'):
        return dict(loss=-self.weight.sum() + 0 * self.norm(torch.ones(2, 1)).sum())


def _run_checkpoint(tiny17):
    return torch.load(tiny17.run_checkpoint, weights_only=False)


class TestPublishModel:
    """`publish_model`."""

    def test_result_executes_nothing(self, tiny):
        """It loads with weights_only=True, which the run's own checkpoint does not."""
        with pytest.raises(pickle.UnpicklingError):
            torch.load(tiny.run_checkpoint, weights_only=True)
        published = torch.load(tiny.weights, weights_only=True)
        assert set(published) == {'state_dict', 'meta'}
        assert published['meta']['epoch'] == 3

    def test_weights_are_those_of_the_run(self, tiny17):
        """Every tensor is kept, in float32."""
        before = _run_checkpoint(tiny17)['state_dict']
        after = torch.load(tiny17.weights, weights_only=True)['state_dict']
        assert list(after) == list(before)
        assert all(torch.equal(after[k], before[k]) for k in before)

    def test_dataset_meta_keeps_its_values(self, tiny):
        """Arrays become lists of the same numbers; dicts and lists stay as they are."""
        meta = torch.load(tiny.weights, weights_only=True)['meta']['dataset_meta']
        for key, value in dataset_meta(tiny.num_keypoints).items():
            if isinstance(value, np.ndarray):
                np.testing.assert_array_equal(np.asarray(meta[key], value.dtype), value)
            else:
                assert meta[key] == value

    def test_mmpose_loads_infers_and_draws(self, tiny, tmp_path):
        """MMPose's own init_model, inference and visualizer take the file."""
        model = mmpose.apis.init_model(tiny.config, str(tiny.weights), device='cpu')
        image = np.zeros((80, 60, 3), np.uint8)
        (sample,) = mmpose.apis.inference_topdown(model, image)
        assert sample.pred_instances.keypoints.shape == (1, tiny.num_keypoints, 2)
        visualizer = LocationFreeVisualizer()
        visualizer.set_dataset_meta(model.dataset_meta)
        drawn = visualizer.add_datasample('x', image, sample, draw_gt=False, kpt_thr=-1)
        assert drawn.any()

    def test_name_holds_the_hash_of_the_content(self, tiny17, tmp_path):
        """Equal models have equal files, whatever they are called."""
        a = publish_model(tiny17.run_checkpoint, tmp_path / 'a.pth', trust=True)
        b = publish_model(tiny17.run_checkpoint, tmp_path / 'other', trust=True)
        digest = hashlib.sha256(a.read_bytes()).hexdigest()
        assert a.name == f'a-{digest[:8]}.pth'
        assert b.read_bytes() == a.read_bytes()

    def test_goes_beside_the_checkpoint_or_into_a_folder(self, tiny17, tmp_path):
        """Without a name the checkpoint's own name is used."""
        assert (
            publish_model(tiny17.run_checkpoint, trust=True).parent == tiny17.run_checkpoint.parent
        )
        assert publish_model(tiny17.run_checkpoint, tmp_path, trust=True).name.startswith(
            'run_17-'
        )
        assert [p.suffix for p in tmp_path.iterdir()] == ['.pth']

    def test_half_halves_weights_but_not_statistics(self, tiny17, tmp_path):
        """float16 weights still give the same keypoints within a pixel."""
        path = publish_model(tiny17.run_checkpoint, tmp_path / 'half.pth', half=True, trust=True)
        state = torch.load(path, weights_only=True)['state_dict']
        assert state['head.cam.weight'].dtype == torch.float16
        statistics = [v for k, v in state.items() if k.endswith('running_var')]
        assert statistics and all(v.dtype == torch.float32 for v in statistics)
        assert path.stat().st_size < 0.7 * tiny17.weights.stat().st_size
        image = np.random.default_rng(0).integers(0, 255, (80, 60, 3), np.uint8)
        scores = [
            mmpose.apis.inference_topdown(
                mmpose.apis.init_model(tiny17.config, str(p), device='cpu'), image
            )[0].pred_instances.keypoint_scores
            for p in (path, tiny17.weights)
        ]
        np.testing.assert_allclose(scores[0], scores[1], atol=2e-3)

    def test_weight_too_large_for_half_stays_whole(self, tiny17, tmp_path):
        """float16 ends at 65504; a weight beyond it keeps its type."""
        checkpoint = _run_checkpoint(tiny17)
        checkpoint['state_dict']['head.cam.bias'][0] = 1e6
        torch.save(checkpoint, tmp_path / 'run.pth')
        path = publish_model(tmp_path / 'run.pth', half=True, trust=True)
        bias = torch.load(path, weights_only=True)['state_dict']['head.cam.bias']
        assert bias.dtype == torch.float32
        assert bias[0] == 1e6

    def test_takes_the_average_of_an_ema_run_unless_told_otherwise(self, tmp_path, tiny17):
        """EMAHook stores the average as `state_dict`, and the last weights elsewhere."""
        runner = Runner(
            _Toy(),
            work_dir=str(tmp_path),
            train_dataloader=dict(
                dataset=[dict(inputs=torch.ones(1))] * 4,
                sampler=dict(type='DefaultSampler', shuffle=False),
                batch_size=1,
                num_workers=0,
            ),
            train_cfg=dict(by_epoch=True, max_epochs=1),
            optim_wrapper=dict(optimizer=dict(type='SGD', lr=1.0)),
            custom_hooks=[EMAHook(momentum=0.5)],
            default_hooks=dict(logger=None),
            experiment_name='ema',
            log_level='ERROR',
        )
        runner.train()
        checkpoint = torch.load(tmp_path / 'epoch_1.pth', weights_only=False)
        checkpoint['meta']['dataset_meta'] = dataset_meta(17)
        torch.save(checkpoint, tmp_path / 'run.pth')
        values = {}
        for ema in (True, False):
            path = publish_model(
                tmp_path / 'run.pth', tmp_path / f'{ema}.pth', ema=ema, trust=True
            )
            values[ema] = torch.load(path, weights_only=True)['state_dict']['weight'].item()
        # The weight is 1, 2, 3, 4 after the steps; MMEngine's first average is a copy.
        assert values == {True: ((1 + 2) / 2 / 2 + 3 / 2) / 2 + 4 / 2, False: 4.0}

    def test_no_path_of_the_machine_is_published(self, tiny17, tmp_path):
        """The config's text keeps the last part of absolute paths only."""
        cfg = torch.load(tiny17.weights, weights_only=True)['meta']['cfg']
        folder = tiny17.run_checkpoint.parent
        assert str(folder) in _run_checkpoint(tiny17)['meta']['cfg']
        assert str(folder) not in cfg
        assert f"'{folder.name}/'" in cfg
        assert "type='LocationFreeHead'" in cfg

    def test_run_checkpoint_without_objects_is_read_safely(self, tiny17, tmp_path, monkeypatch):
        """What loads with weights_only=True is never unpickled in full."""
        seen = []
        load = torch.load
        monkeypatch.setattr(
            torch, 'load', lambda *a, **k: (seen.append(k['weights_only']), load(*a, **k))[1]
        )
        publish_model(tiny17.weights, tmp_path / 'again.pth')
        assert set(seen) == {True}

    def test_diverged_weights_are_refused(self, tiny17, tmp_path):
        """NaN is named with its file and weight, and nothing is written."""
        checkpoint = _run_checkpoint(tiny17)
        checkpoint['state_dict'] = copy.deepcopy(checkpoint['state_dict'])
        checkpoint['state_dict']['head.cam.bias'][0] = float('nan')
        torch.save(checkpoint, tmp_path / 'run.pth')
        with refuses('not-finite', 'run.pth: head.cam.bias'):
            publish_model(tmp_path / 'run.pth', tmp_path / 'out.pth', trust=True)
        assert [p.name for p in tmp_path.iterdir()] == ['run.pth']

    def test_foreign_pickle(self, tmp_path):
        """A file that would run code is refused, and does not run."""

        class Evil:
            def __reduce__(self):
                return (tmp_path.joinpath('ran').touch, ())

        torch.save(dict(state_dict={}, meta=Evil()), tmp_path / 'evil.pth')
        with refuses('checkpoint-objects', 'evil.pth'):
            publish_model(tmp_path / 'evil.pth')
        assert [p.name for p in tmp_path.iterdir()] == ['evil.pth']

    def test_missing_file(self, tmp_path):
        """The name is repeated."""
        with refuses('checkpoint-missing', 'none.pth'):
            publish_model(tmp_path / 'none.pth')

    @pytest.mark.parametrize('content', [b'', b'hello', b'cut'])
    def test_file_that_is_no_checkpoint(self, tiny17, tmp_path, content):
        """Empty, text, and cut off in the middle."""
        path = tmp_path / 'bad.pth'
        path.write_bytes(
            tiny17.run_checkpoint.read_bytes()[:5000] if content == b'cut' else content
        )
        with refuses('unreadable-checkpoint', 'bad.pth'):
            publish_model(path)

    def test_changed_bit(self, tiny17, tmp_path):
        """torch.load ignores checksums, so a bit of a weight would change silently."""
        data = bytearray(tiny17.weights.read_bytes())
        data[len(data) // 2] ^= 1
        (tmp_path / 'bad.pth').write_bytes(data)
        torch.load(tmp_path / 'bad.pth', weights_only=True)
        for read in (publish_model, load_published):
            with refuses('unreadable-checkpoint', 'bad.pth'):
                read(tmp_path / 'bad.pth')

    @pytest.mark.parametrize(
        ('content', 'code'),
        [
            ({'a': torch.ones(1)}, 'no-state-dict'),
            ({'state_dict': {}, 'meta': {}}, 'no-dataset-meta'),
        ],
    )
    def test_entry_that_is_not_there(self, tmp_path, content, code):
        """A file of another kind is recognised by its missing entry."""
        torch.save(content, tmp_path / 'x.pth')
        with refuses(code, 'x.pth'):
            publish_model(tmp_path / 'x.pth')

    def test_folder_that_cannot_be_written(self, tiny17, tmp_path):
        """A file where a folder should be."""
        (tmp_path / 'file').write_text('kept')
        with refuses('not-writable', 'out-'):
            publish_model(tiny17.run_checkpoint, tmp_path / 'file' / 'out.pth', trust=True)
        assert (tmp_path / 'file').read_text() == 'kept'
