"""Two tiny configs: ours, and MMPose's heatmap head on a small ResNet."""

from pathlib import Path

import pytest
from mmengine.config import Config

from lfhpe_mmpose.benchmark.models import Subject, load_subject
from tests.tiny_model import write_config

_OPTIMIZER = "\noptim_wrapper = dict(optimizer=dict(type='AdamW', lr=1e-3))\n"


def write_tiny_configs(folder: Path) -> tuple[str, str]:
    """Write both, with 64x48 inputs, and give their paths."""
    path = Path(write_config(folder, fraction=0.5))
    path.write_text(path.read_text() + _OPTIMIZER)
    cfg = Config.fromfile(path)
    cfg.model.backbone = dict(
        type='ResNet',
        depth=18,
        base_channels=8,
        stem_channels=8,
        num_stages=3,
        out_indices=(2,),
        strides=(1, 2, 2),
        dilations=(1, 1, 1),
        init_cfg=dict(type='Pretrained', checkpoint='torchvision://none'),
    )
    cfg.model.pop('neck')
    cfg.model.head = dict(
        type='HeatmapHead',
        in_channels=32,
        out_channels=17,
        deconv_out_channels=(16, 16),
        deconv_kernel_sizes=(4, 4),
        loss=dict(type='KeypointMSELoss', use_target_weight=True),
        decoder=cfg.codec,
    )
    steps = cfg.train_dataloader.dataset.pipeline
    cfg.train_dataloader.dataset.pipeline = [*steps[1:-1], dict(type='PackPoseInputs')]
    theirs = folder / 'theirs.py'
    cfg.dump(theirs)
    return str(path), str(theirs)


@pytest.fixture(scope='session')
def configs(tmp_path_factory) -> tuple[str, str]:
    """Paths of ours and theirs."""
    return write_tiny_configs(tmp_path_factory.mktemp('benchmark'))


@pytest.fixture
def ours(configs) -> Subject:
    """Our tiny model."""
    return load_subject(configs[0])


@pytest.fixture
def theirs(configs) -> Subject:
    """MMPose's tiny model."""
    return load_subject(configs[1])
