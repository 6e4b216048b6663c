"""What import contracts cannot see: which libraries are loaded when a room is imported."""

import subprocess
import sys

import pytest

HEAVY = "{'torch', 'mmpose', 'mmengine', 'mmcv', 'mmdet'}"
ROOMS = (
    'lfhpe_mmpose',
    'lfhpe_mmpose.tags',
    'lfhpe_mmpose.files',
    'lfhpe_mmpose.annotation.check',
    'lfhpe_mmpose.annotation.converters',
    'lfhpe_mmpose.annotation.edit',
    'lfhpe_mmpose.annotation.plan',
    'lfhpe_mmpose.annotation.predictions',
    'lfhpe_mmpose.annotation.prepare',
    'lfhpe_mmpose.annotation.metainfo',
    'lfhpe_mmpose.annotation.new_config',
    'lfhpe_mmpose.annotation.withhold',
    'lfhpe_mmpose.cli',
)


@pytest.mark.parametrize('room', ROOMS)
def test_light(room):
    """The room loads neither torch nor MMPose."""
    code = f'import sys, {room}; print({HEAVY} & set(sys.modules))'
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == 'set()'


@pytest.mark.parametrize('first', ['lfhpe_mmpose', 'mmengine', 'mmpose', 'lfhpe_mmpose.tags'])
def test_registered(first):
    """The modules are in MMPose's registries, whichever is imported first."""
    code = (
        f'import {first}, lfhpe_mmpose, mmpose.registry; '
        "print(mmpose.registry.MODELS.get('LocationFreeHead').__name__)"
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.stdout.strip() == 'LocationFreeHead', done.stderr[-2000:]
