"""Starting from a model of other keypoints: rows of the head by name."""

import pytest
import torch
from mmengine.config import Config
from mmpose.registry import MODELS

from lfhpe_mmpose.apis import init_model
from lfhpe_mmpose.cli import main
from lfhpe_mmpose.launch import starting
from lfhpe_mmpose.launch.packaged import find_start, find_weights
from lfhpe_mmpose.launch.starting import match_names, start_by_names, take_rows
from tests.cli.calling import write_tiny_cfg
from tests.refusal import refuses
from tests.tiny_model import make_tiny_model


class TestNames:
    """`match_names`."""

    @pytest.mark.parametrize(
        ('theirs', 'ours', 'places'),
        [
            (['nose', 'left_knee'], ['left_knee', 'nose', 'tail'], [1, 0, None]),
            (['L_Eye', 'TailBase'], ['left eye', 'tail_base', 'R_Eye'], [0, 1, None]),
            (['leftKnee', 'right-knee'], ['right_knee', 'LeftKnee'], [1, 0]),
        ],
    )
    def test_match(self, theirs, ours, places):
        """Case, separators and short sides do not matter; sides do."""
        assert match_names(theirs, ours) == places


class TestRows:
    """`take_rows` and `start_by_names`."""

    @pytest.fixture
    def tiny(self, tmp_path):
        """A small model of the 14 keypoints of LSP."""
        return make_tiny_model(tmp_path, 14)

    def test_rows_follow_the_names(self, tiny):
        """Known keypoints take their row, new ones keep the model's own."""
        model = init_model(tiny.config, tiny.weights, 'cpu')
        rows = [f'head.{name}' for name in model.head.keypoint_rows]
        own = {k: v.clone() for k, v in model.state_dict().items()}
        state = {k: torch.randn_like(v) if k in rows else v for k, v in own.items()}
        places = [*range(13, 0, -1), None]
        found = take_rows(state, model, rows, places)
        assert len([name for name in rows if name in own]) == 6
        for name in rows:
            assert torch.equal(found[name][:13], state[name].flip(0)[:13])
            assert torch.equal(found[name][13], own[name][13])

    def test_every_row_of_a_keypoint_is_named(self, tiny):
        """A weight with a row a keypoint that is not in the list would be taken by place."""
        cfg = Config.fromfile(tiny.config)
        shapes = []
        for number in (14, 11):
            cfg.model.head.out_channels = number
            cfg.model.head.metainfo = None
            shapes.append({k: v.shape for k, v in MODELS.build(cfg.model).state_dict().items()})
        differ = {k for k, shape in shapes[0].items() if shapes[1][k] != shape}
        model = init_model(tiny.config, tiny.weights, 'cpu')
        assert differ == {f'head.{name}' for name in model.head.keypoint_rows}

    def test_config(self, tiny_cfg, tmp_path):
        """A start of 14 keypoints for COCO's 17: 12 limbs by name, and what is said of it."""
        start = tmp_path / 'lsp.pth'
        network = MODELS.build(tiny_cfg.model)
        names = {i: name for i, name in enumerate(_LSP)}
        torch.save(
            dict(
                state_dict=network.state_dict(),
                meta=dict(dataset_meta=dict(keypoint_id2name=names)),
            ),
            start,
        )
        cfg = tiny_cfg
        cfg.model.head.update(out_channels=17, metainfo='CocoDataset')
        cfg.train_dataloader.dataset.type = 'BlindCocoDataset'
        cfg.load_from = str(start)
        start_by_names(cfg)
        assert cfg.load_from == str(tmp_path / 'work_dir' / 'start.pth')
        state = torch.load(cfg.load_from, weights_only=True)['state_dict']
        own = network.state_dict()['head.cam.weight']
        for k, name in enumerate(_COCO):
            row = state['head.cam.weight'][k]
            if name in _LSP:
                assert torch.equal(row, own[_LSP.index(name)])
        assert state['head.cam.weight'].shape[0] == 17
        same = cfg.load_from
        cfg.resume = True
        start_by_names(cfg)
        assert cfg.load_from == same


class TestFindStart:
    """`--from`."""

    def test_names_and_files(self, tmp_path):
        """A packaged model, a file, and neither."""
        name = 'lfhpe_res18_animalpose-128x128_loc0'
        assert find_start(name) == find_weights(name)
        (tmp_path / 'w.pth').write_bytes(b'')
        assert find_start(str(tmp_path / 'w.pth')) == str(tmp_path / 'w.pth')
        with refuses('checkpoint-missing', 'no.pth'):
            find_start('no.pth')
        with refuses('no-weights', 'animals'):
            find_start('animals')

    @pytest.mark.slow
    def test_trains(self, tmp_path, people, monkeypatch):
        """`lfhpe train --from` of a model with other keypoints."""
        config = write_tiny_cfg(tmp_path, people)
        (tmp_path / 'other').mkdir()
        tiny = make_tiny_model(tmp_path / 'other', 14)
        content = torch.load(tiny.weights, weights_only=True)
        names = content['meta']['dataset_meta']['keypoint_id2name']
        content['meta']['dataset_meta']['keypoint_id2name'] = {
            **names, 0: names[1], 1: names[0], 2: 'paw'
        }  # fmt: skip
        start = tmp_path / 'start_here.pth'
        torch.save(content, start)
        work_dir, lines = tmp_path / 'run', []
        monkeypatch.setattr(starting, 'print_log', lambda text, _: lines.append(text))
        main(['train', str(config), '--from', str(start), '--work-dir', str(work_dir),
              '--no-validate'])  # fmt: skip
        (said,) = lines
        assert '13 of the 14 here start from them' in said and '1 start new (right_hip)' in said
        assert list(work_dir.glob('epoch_*.pth'))


_LSP = [
    *('right_ankle', 'right_knee', 'right_hip', 'left_hip', 'left_knee', 'left_ankle'),
    *('right_wrist', 'right_elbow', 'right_shoulder', 'left_shoulder', 'left_elbow'),
    *('left_wrist', 'neck', 'head_top'),
]
_COCO = [
    *('nose', 'left_eye', 'right_eye', 'left_ear', 'right_ear', 'left_shoulder'),
    *('right_shoulder', 'left_elbow', 'right_elbow', 'left_wrist', 'right_wrist', 'left_hip'),
    *('right_hip', 'left_knee', 'right_knee', 'left_ankle', 'right_ankle'),
]
