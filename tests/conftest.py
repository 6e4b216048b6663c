"""Fixtures that several tests share: synthetic people, real data, small configs."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope

ROOT = Path(__file__).resolve().parents[1]


# Files and folders that train, build or start processes: more than some seconds each.
SLOW = (
    'annotation/plan/test_detector.py',
    'apis/test_detection.py',
    'apis/test_packaged_weights.py',
    'benchmark',
    'cli/test_benchmark.py',
    'cli/test_demo.py',
    'cli/test_fuzz.py',
    'cli/test_publish.py',
    'cli/test_study.py',
    'configs',
    'datasets/samplers',
    'datasets/synthetic/test_generate.py',
    'datasets/test_collate.py',
    'engine',
    'evaluation/test_baselines.py',
    'launch/test_resume.py',
    'launch/test_train_test.py',
    'models/losses/test_counts.py',
    'test_layers.py',
    'test_location_blindness.py',
    'test_many_processes.py',
    'test_packaging.py',
    'test_setup_cxx.py',
    'test_setup_env.py',
    'test_tags_only_training.py',
    'test_tutorial.py',
    'tools',
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of the slow files, which ``make test-fast`` leaves out."""
    tests = Path(__file__).parent
    slow = [tests / name for name in SLOW]
    for item in items:
        if any(item.path == path or path in item.path.parents for path in slow):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def default_scope() -> Iterator[None]:
    """MMPose's scope for each test and after it: who runs a detector leaves MMDet's."""
    init_default_scope('mmpose')
    yield
    init_default_scope('mmpose')


@pytest.fixture(scope='session')
def data_dir() -> Path:
    """Folder of the real data, named by LFHPE_DATA."""
    folder = Path(os.environ.get('LFHPE_DATA', ROOT.parent / 'shared' / 'data'))
    if not folder.is_dir():
        pytest.skip(f'no real data: {folder} is not a folder (set LFHPE_DATA)')
    return folder


@pytest.fixture(scope='session')
def weights_dir(data_dir) -> Path:
    """Folder of the pretrained weights, beside the real data."""
    folder = data_dir.parent / 'weights'
    if not folder.is_dir():
        pytest.skip(f'no pretrained weights: {folder} is not a folder')
    return folder


@pytest.fixture(scope='session')
def people(tmp_path_factory) -> Path:
    """A small set of synthetic people with the 14 keypoints of LSP."""
    from lfhpe_mmpose.datasets.synthetic import generate_people

    folder = tmp_path_factory.mktemp('people')
    generate_people(folder, num_train=48, num_val=16, seed=3, keypoints='lsp', progress=False)
    return folder


@pytest.fixture(scope='session')
def coco_people(tmp_path_factory) -> Path:
    """A small set of synthetic people with the 17 keypoints of COCO."""
    from lfhpe_mmpose.datasets.synthetic import generate_people

    folder = tmp_path_factory.mktemp('coco_people')
    generate_people(folder, num_train=24, num_val=12, seed=4, keypoints='coco', progress=False)
    return folder


@pytest.fixture
def tiny_cfg(people, tmp_path) -> Config:
    """The demo's config, made tiny: a few seconds of training on one process."""
    cfg = Config.fromfile(ROOT / 'configs' / 'synthetic' / 'lfhpe_synthetic-96x96_loc0.py')
    return shrink(cfg, people, tmp_path / 'work_dir')


def shrink(cfg: Config, data_root: Path, work_dir: Path) -> Config:
    """Make a config of the synthetic people tiny, on data of its own."""
    cfg.work_dir = str(work_dir)
    cfg.model.backbone.base_channels = 8
    cfg.model.neck.update(in_channels=[16, 32], embed_dims=16, num_layers=1, num_heads=2)
    cfg.model.head.update(in_channels=16, embed_dims=16)
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        loader.dataset.data_root = str(data_root)
        loader.num_workers = 0
        loader.persistent_workers = False
        loader.batch_size = 8
    cfg.train_cfg = dict(by_epoch=True, max_epochs=1, val_interval=1)
    cfg.default_hooks.logger = dict(type='LoggerHook', interval=2)
    cfg.log_level = 'WARNING'
    return cfg
