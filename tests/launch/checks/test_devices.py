"""A GPU asked for where there is none."""

import pytest

from lfhpe_mmpose.launch.checks import devices


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch):
    """Whatever the machine has, there is no GPU in these tests."""
    monkeypatch.setattr(devices, 'has_accelerator', lambda: False)
    monkeypatch.delenv('CUDA_VISIBLE_DEVICES', raising=False)


def problems(cfg) -> list[tuple[str, str]]:
    """Code and place of the problems."""
    return [(error.code, error.place) for error in devices.check_devices(cfg)]


class TestWithoutGpu:
    """Each way of asking for one."""

    @pytest.mark.parametrize(
        ('change', 'place'),
        [
            ({'optim_wrapper.type': 'AmpOptimWrapper'}, 'optim_wrapper.type = AmpOptimWrapper'),
            ({'device': 'cuda:0'}, "device = 'cuda:0'"),
            ({'launcher': 'pytorch'}, 'env_cfg.dist_cfg.backend = nccl'),
            (
                {'launcher': 'slurm', 'env_cfg.dist_cfg.backend': 'gloo'},
                '--launcher slurm',
            ),
        ],
    )
    def test_config(self, cfg, change, place):
        """Mixed precision, a device, nccl and Slurm's launcher."""
        assert problems(cfg) == []
        cfg.merge_from_dict(change)
        assert problems(cfg) == [('no-gpu', place)]

    def test_visible_devices(self, cfg, monkeypatch):
        """Training on the CPU by mistake would take days."""
        monkeypatch.setenv('CUDA_VISIBLE_DEVICES', '1')
        assert problems(cfg) == [('no-gpu', 'environment variable CUDA_VISIBLE_DEVICES = 1')]
        monkeypatch.setenv('CUDA_VISIBLE_DEVICES', '-1')
        assert problems(cfg) == []

    def test_gloo(self, cfg):
        """Several processes without GPUs communicate by gloo."""
        cfg.launcher = 'pytorch'
        cfg.env_cfg = dict(dist_cfg=dict(backend='gloo'))
        assert problems(cfg) == []

    def test_sync_bn(self, cfg, monkeypatch):
        """Batch norm over processes is refused wherever it is asked for, but in one process."""
        cfg.sync_bn = 'torch'
        assert problems(cfg) == []
        cfg.launcher = 'pytorch'
        cfg.env_cfg = dict(dist_cfg=dict(backend='gloo'))
        assert problems(cfg) == [('no-gpu', 'sync_bn')]
        cfg.sync_bn = None
        cfg.model.neck = dict(type='A', parts=[dict(norm_cfg=dict(type='SyncBN'))])
        assert problems(cfg) == [('no-gpu', 'model.neck.parts[0].norm_cfg.type = SyncBN')]
        monkeypatch.setattr(devices, 'has_accelerator', lambda: True)
        monkeypatch.setattr(devices.torch.cuda, 'is_available', lambda: False)
        assert problems(cfg) == []
        cfg.sync_bn = 'tprch'
        assert problems(cfg) == [('unknown-type', "sync_bn = 'tprch'")]
        cfg.sync_bn = None
        cfg.strategy = dict(type='DDPStrategy', sync_bn='x')
        assert problems(cfg) == [('unknown-type', "strategy.sync_bn = 'x'")]


def test_more_processes_than_gpus(cfg, monkeypatch):
    """MMEngine would fail with a CUDA error in one of the processes."""
    monkeypatch.setattr(devices, 'has_accelerator', lambda: True)
    monkeypatch.setattr(devices.torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(devices.torch.cuda, 'device_count', lambda: 2)
    monkeypatch.setenv('LOCAL_WORLD_SIZE', '4')
    cfg.launcher = 'pytorch'
    assert problems(cfg) == [('gpu-count', '--launcher pytorch (nccl)')]
