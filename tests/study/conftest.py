"""A small config and study files about it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lfhpe_mmpose.study import StudyPlan, read_plan

BASE = """
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='WithholdLocations', fraction=0.5, seed=3, views=2),
            dict(type='LoadImage'),
        ]
    )
)
model = dict(
    backbone=dict(type='StagedResNet', depth=18, num_stages=3),
    head=dict(type='LocationFreeHead', out_channels=14, losses=dict(region=dict(loss_weight=2.0))),
)
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=1.0))
randomness = dict(seed=9, deterministic=True)
"""


@pytest.fixture
def study(tmp_path) -> Callable[[str], Path]:
    """Write a study file beside its base, ``small.py``."""
    (tmp_path / 'small.py').write_text(BASE)

    def write(text: str) -> Path:
        path = tmp_path / 'study.py'
        path.write_text(text if 'base' in text else f"base = 'small.py'\n{text}")
        return path

    return write


@pytest.fixture
def plan(study) -> Callable[..., StudyPlan]:
    """Make a plan of a block of runs."""

    def make(recipes: str = 'a=dict()', fractions=(0,), views=(1,), seeds=(0,)) -> StudyPlan:
        return read_plan(
            study(
                f'split = "tiny val"\nrecipes = dict({recipes})\nruns = [dict(recipes='
                f'list(recipes), fractions={[*fractions]}, views={[*views]}, seeds={[*seeds]})]'
            )
        )

    return make
