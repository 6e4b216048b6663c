"""The recipes of the public data sets, made tiny, on samples in the genuine form of each set."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmengine.structures import InstanceData
from mmpose.registry import DATASETS, METRICS, MODELS

import lfhpe_mmpose  # noqa: F401  registers what the configs name
from lfhpe_mmpose.annotation.prepare import Job, prepare_dataset
from lfhpe_mmpose.launch.checks import check_before_run
from lfhpe_mmpose.launch.packaged import find_config
from tests.annotation.prepare.samples import write_source

from .recipes import LAYOUTS, fraction_of

SETS = {
    'mpii': 'lfhpe_res50_mpii-256x256',
    'crowdpose': 'lfhpe_res50_crowdpose-256x192',
    'aic': 'lfhpe_res50_aic-256x192',
    'lsp': 'lfhpe_res50_lsp-256x192',
    'ap10k': 'lfhpe_res50_ap10k-256x256',
    'animalpose': 'lfhpe_res18_animalpose-128x128',
}
OCHUMAN = ['lfhpe_res50_ochuman-256x192_test', 'lfhpe_hrnet-w32_ochuman-256x192_test']
RUNS = [
    *(f'{SETS[kind]}_{part}' for kind in ('mpii', 'crowdpose') for part in ('loc0', 'loc25')),
    *(f'{SETS[kind]}_loc25' for kind in ('aic', 'lsp', 'ap10k', 'animalpose')),
]
SIZE, HEATMAP = (48, 64), (12, 16)


@pytest.fixture(scope='module')
def prepared(tmp_path_factory) -> dict[str, Path]:
    """Each data set, from the files of its authors to what its recipes read."""
    folder = tmp_path_factory.mktemp('public')
    out = {}
    for kind in (*SETS, 'ochuman', 'lspet'):
        source = write_source(
            kind, folder / 'source' / kind, 40 if 'lsp' in kind or kind == 'animalpose' else 10
        )
        prepare_dataset(kind, Job(source, folder / kind, progress=False))
        out[kind] = folder / kind
    return out


def load(name: str, prepared: dict[str, Path], monkeypatch) -> Config:
    """A packaged config on its sample."""
    kind = Path(find_config(name)).parent.name
    monkeypatch.setenv(f'LFHPE_{kind.upper()}', str(prepared[kind]))
    init_default_scope('mmpose')
    cfg = Config.fromfile(find_config(name))
    cfg.model.backbone.init_cfg = None
    return cfg


def shrink(cfg: Config, work_dir: Path) -> Config:
    """Tiny network and input, batches of two, one epoch; data, pipeline and metrics stay."""
    cfg.work_dir = str(work_dir)
    codec = dict(type='MSRAHeatmap', input_size=SIZE, heatmap_size=HEATMAP, sigma=1)
    cfg.model.backbone.update(depth=18, base_channels=8)
    cfg.model.neck.update(in_channels=[16, 32], embed_dims=16, num_layers=1, num_heads=2)
    cfg.model.head.update(in_channels=16, embed_dims=16, decoder=codec)
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        if name in cfg:
            cfg[name].update(batch_size=2, num_workers=0, persistent_workers=False)
            for step in cfg[name].dataset.pipeline:
                if step.type == 'TopdownAffine':
                    step.input_size = SIZE
                if step.type == 'GenerateTarget':
                    step.encoder = codec
    cfg.train_cfg = dict(by_epoch=True, max_epochs=1, val_interval=1)
    cfg.log_level = 'WARNING'
    return cfg


def judge(cfg: Config, shift: float) -> dict[str, float]:
    """What the config's metrics say of a model that is off by some pixels everywhere."""
    dataset = DATASETS.build(cfg.val_dataloader.dataset)
    out = {}
    for settings in cfg.val_evaluator:
        if settings.type == 'KeypointCategoryMetric':
            continue
        metric = METRICS.build(settings)
        metric.dataset_meta = dataset.metainfo
        for i in range(len(dataset)):
            sample = dataset[i]['data_samples']
            found = np.asarray(sample.gt_instances.keypoints) + shift
            scores = np.ones(found.shape[:2])
            sample.pred_instances = InstanceData(keypoints=found, keypoint_scores=scores)
            metric.process(None, [sample.to_dict()])
        out.update(metric.evaluate(len(dataset)))
    return out


class TestTraining:
    """One epoch of a tiny model, with validation."""

    @pytest.mark.parametrize('name', RUNS)
    def test_run(self, name, prepared, monkeypatch, tmp_path):
        """Checked, trained and validated: finite weights, every metric, the right persons."""
        cfg = shrink(load(name, prepared, monkeypatch), tmp_path)
        check_before_run(cfg, 'train')
        runner = Runner.from_cfg(cfg)
        runner.train()
        assert runner.epoch == 1
        assert all(bool(p.isfinite().all()) for p in runner.model.parameters())
        kind = Path(find_config(name)).parent.name
        metrics = runner.val()
        assert set(metrics) >= LAYOUTS[kind]['metrics']
        # In LSP everything is annotated: its tags cannot be scored.
        assert ('category/mAP' in metrics) == (kind != 'lsp')
        assert all(np.isfinite(metrics[key]) for key in LAYOUTS[kind]['metrics'])
        dataset = runner.train_dataloader.dataset
        door = dataset.pipeline.transforms[0]
        located = [bool(door(dataset.get_data_info(i))['located'][0]) for i in range(len(dataset))]
        fraction = fraction_of(name)
        assert abs(sum(located) / len(located) - fraction) < 0.2
        assert any(located) == (fraction > 0)
        assert not all(located)


class TestRecipe:
    """Each recipe at its full size."""

    @pytest.mark.parametrize('kind', [*SETS, 'lspet'])
    def test_builds(self, kind, prepared, monkeypatch):
        """The model takes a packed sample; the maps have the size of the heatmaps."""
        name = SETS.get(kind, 'lfhpe_res50_lspet-256x192')
        cfg = load(f'{name}_loc10', prepared, monkeypatch)
        dataset = DATASETS.build(cfg.train_dataloader.dataset)
        sample = dataset[0]
        width, height = cfg.codec.input_size
        assert sample['inputs'].shape == (3, height, width)
        tags = sample['data_samples'].gt_instance_labels.keypoint_tags
        assert tags.shape == (1, cfg.views_per_person, cfg.model.head.out_channels)
        model = MODELS.build(cfg.model).eval()
        data = model.data_preprocessor(
            dict(inputs=[sample['inputs']], data_samples=[sample['data_samples']]), False
        )
        with torch.no_grad():
            maps = model(data['inputs'], None, mode='tensor')
        assert tuple(maps.shape[-2:]) == cfg.codec.heatmap_size[::-1]
        assert maps.shape[1] == LAYOUTS[kind]['keypoints']

    def test_ap10k_is_tested_on_test(self, prepared, monkeypatch):
        """AP-10K has a test set of its own, for loader and metric."""
        cfg = load(f'{SETS["ap10k"]}_loc0', prepared, monkeypatch)
        assert cfg.test_dataloader.dataset.ann_file == 'annotations/ap10k-test-split1.json'
        assert cfg.test_evaluator[0].ann_file.endswith(cfg.test_dataloader.dataset.ann_file)
        assert cfg.val_evaluator[0].ann_file.endswith(cfg.val_dataloader.dataset.ann_file)

    def test_mpii_box_is_blind(self, prepared, monkeypatch):
        """What a tagged person keeps has nothing of the head box and of the annotation."""
        cfg = load(f'{SETS["mpii"]}_loc0', prepared, monkeypatch)
        dataset = DATASETS.build(cfg.train_dataloader.dataset)
        person = dataset.get_data_info(0)
        assert 'head_box' in person['raw_ann_info']
        behind = dataset.pipeline.transforms[0](person)
        assert 'raw_ann_info' not in behind
        assert not behind['keypoints'].any()


class TestOchuman:
    """The COCO models, tested on OCHuman."""

    @pytest.mark.parametrize('name', OCHUMAN)
    def test_model_is_that_of_coco(self, name, prepared, monkeypatch):
        """So that the weights of the one fit the other; no training set, two sets to test on."""
        cfg = load(name, prepared, monkeypatch)
        coco = Config.fromfile(find_config(f'{name.replace("ochuman", "coco")[:-5]}_loc0'))
        coco.model.backbone.init_cfg = None
        coco.model.head.metainfo = cfg.model.head.metainfo
        assert cfg.model.to_dict() == coco.model.to_dict()
        assert cfg.val_dataloader.dataset.pipeline == coco.val_dataloader.dataset.pipeline
        assert 'train_dataloader' not in cfg
        assert '_val_' in cfg.val_dataloader.dataset.ann_file
        assert '_test_' in cfg.test_dataloader.dataset.ann_file
        assert cfg.test_evaluator[0].ann_file.endswith(cfg.test_dataloader.dataset.ann_file)

    def test_run(self, prepared, monkeypatch, tmp_path):
        """A test from end to end, tiny."""
        cfg = shrink(load(OCHUMAN[0], prepared, monkeypatch), tmp_path)
        cfg.pop('train_cfg')
        check_before_run(cfg, 'test')
        metrics = Runner.from_cfg(cfg).test()
        assert {'ochuman/AP', 'category/mAP'} <= set(metrics)


class TestMetrics:
    """The metric of each set, on predictions whose quality is known."""

    @pytest.mark.parametrize('kind', [*SETS, 'ochuman'])
    def test_right_and_wrong(self, kind, prepared, monkeypatch):
        """The truth gets full marks, what is far off gets none."""
        name = OCHUMAN[0] if kind == 'ochuman' else f'{SETS[kind]}_loc0'
        cfg = load(name, prepared, monkeypatch)
        keys = {'ochuman/AP'} if kind == 'ochuman' else LAYOUTS[kind]['metrics']
        best, worst = judge(cfg, 0.0), judge(cfg, 500.0)
        full = 100 if kind == 'mpii' else 1
        assert {key: best[key] for key in keys} == pytest.approx(dict.fromkeys(keys, full))
        assert {key: worst[key] for key in keys} == pytest.approx(dict.fromkeys(keys, 0))

    def test_pckh_threshold(self, prepared, monkeypatch):
        """The head box is 12 x 16 pixels: its size is 0.6 x 20, half of that is 6 pixels."""
        cfg = load(f'{SETS["mpii"]}_loc0', prepared, monkeypatch)
        off = 6 / np.sqrt(2)
        assert judge(cfg, 0.98 * off)['pckh/PCKh@0.5'] == 100
        assert judge(cfg, 1.02 * off)['pckh/PCKh@0.5'] == 0
        assert judge(cfg, 0.98 * off)['pckh/PCKh@0.1'] == 0
