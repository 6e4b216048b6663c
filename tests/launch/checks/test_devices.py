"""A GPU asked for where there is none."""

import pytest

from lfhpe_mmpose.launch.checks import devices

from .words import refuses


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch):
    """Whatever the machine has, there is no GPU in these tests."""
    monkeypatch.setattr(devices, 'get_device', lambda: 'cpu')
    monkeypatch.delenv('CUDA_VISIBLE_DEVICES', raising=False)


class TestWithoutGpu:
    """Each way of asking for one."""

    def test_amp(self, cfg):
        """--amp is refused with what to do instead."""
        cfg.optim_wrapper.type = 'AmpOptimWrapper'
        refuses(cfg, 'AmpOptimWrapper', '--amp', 'no GPU', 'leave out --amp')

    def test_device(self, cfg):
        """A device in the config is refused."""
        cfg.device = 'cuda:0'
        refuses(cfg, "device = 'cuda:0'", 'no GPU', 'remove the entry')

    def test_visible_devices(self, cfg, monkeypatch):
        """Training on the CPU by mistake would take days."""
        monkeypatch.setenv('CUDA_VISIBLE_DEVICES', '1')
        refuses(cfg, 'CUDA_VISIBLE_DEVICES=1', 'no GPU', 'CUDA_VISIBLE_DEVICES=-1')
        monkeypatch.setenv('CUDA_VISIBLE_DEVICES', '-1')
        assert devices.check_devices(cfg) == []

    def test_nccl(self, cfg):
        """Several processes without GPUs talk by gloo."""
        cfg.launcher = 'pytorch'
        refuses(cfg, 'env_cfg.dist_cfg.backend = nccl', 'no GPU', 'env_cfg.dist_cfg.backend=gloo')
        cfg.env_cfg = dict(dist_cfg=dict(backend='gloo'))
        assert devices.check_devices(cfg) == []

    def test_slurm(self, cfg):
        """Slurm's launcher puts each process on a GPU."""
        cfg.launcher = 'slurm'
        refuses(cfg, '--launcher slurm', 'no GPU', 'dist_train.sh')

    def test_sync_bn(self, cfg, monkeypatch):
        """Batch norm over processes is refused, wherever it is asked for; one process has none."""
        cfg.sync_bn = 'torch'
        assert devices.check_devices(cfg) == []
        cfg.launcher = 'pytorch'
        cfg.env_cfg = dict(dist_cfg=dict(backend='gloo'))
        refuses(cfg, 'sync_bn', 'needs GPUs', 'norm_eval=True')
        cfg.sync_bn = None
        cfg.model.neck = dict(type='A', parts=[dict(norm_cfg=dict(type='SyncBN'))])
        (found,) = devices.check_devices(cfg)
        assert 'model.neck.parts[0].norm_cfg.type = SyncBN' in found
        monkeypatch.setattr(devices, 'get_device', lambda: 'cuda')
        monkeypatch.setattr(devices.torch.cuda, 'is_available', lambda: False)
        assert devices.check_devices(cfg) == []
        cfg.sync_bn = 'tprch'
        refuses(cfg, "sync_bn = 'tprch'", 'is none', "sync_bn='torch'")
        cfg.sync_bn = None
        cfg.strategy = dict(type='DDPStrategy', sync_bn='x')
        refuses(cfg, "strategy.sync_bn = 'x'", 'is none')


def test_more_processes_than_gpus(cfg, monkeypatch):
    """MMEngine would fail with a CUDA error in one of the processes."""
    monkeypatch.setattr(devices, 'get_device', lambda: 'cuda')
    monkeypatch.setattr(devices.torch.cuda, 'is_available', lambda: True)
    monkeypatch.setattr(devices.torch.cuda, 'device_count', lambda: 2)
    monkeypatch.setenv('LOCAL_WORLD_SIZE', '4')
    cfg.launcher = 'pytorch'
    refuses(cfg, '4 processes', '2 GPUs', 'at most 2')
