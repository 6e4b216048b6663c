"""Misspelt arguments, which would end in a traceback after the work directory is written."""

import pytest

from lfhpe_mmpose.launch.checks import check_before_run

from .words import refuses


@pytest.mark.parametrize(
    ('key', 'value', 'code'),
    [
        ('train_dataloader.batchsize', 4, 'unknown-argument'),
        ('val_dataloader.num_wokers', 4, 'unknown-argument'),
        ('train_dataloader.num_workers', -1, 'option'),
        ('train_dataloader.num_workers', '2', 'option'),
        ('train_dataloader.batch_size', 0, 'option'),
        ('train_dataloader.persistent_workers', True, 'option'),
        ('train_dataloader.prefetch_factor', 2, 'option'),
        ('train_dataloader.dataset.data_prefx', dict(img='a'), 'unknown-argument'),
        ('train_dataloader.dataset.pipeline.2.paddding', 1.2, 'unknown-argument'),
        ('train_dataloader.sampler.shufle', True, 'unknown-argument'),
        ('train_dataloader.sampler.type', 'DefaultSampeler', 'unknown-type'),
        ('optim_wrapper.optimizer.lrate', 1, 'unknown-argument'),
        ('optim_wrapper.optimizer.type', 'Adamm', 'unknown-type'),
        ('param_scheduler.0.start', 3, 'unknown-argument'),
        ('default_hooks.logger.intervall', 3, 'unknown-argument'),
        ('custom_hooks.0.type', 'ColapseWatchHook', 'unknown-type'),
        ('val_evaluator.annfile', 'a.json', 'unknown-argument'),
    ],
)
def test_refused(cfg, key, value, code):
    """Loaders, data sets, steps, samplers, optimizer, schedule, hooks and metrics."""
    cfg.train_dataloader.sampler = dict(type='DefaultSampler', shuffle=True)
    cfg.param_scheduler = [dict(type='LinearLR', start_factor=0.1, by_epoch=False, end=9)]
    cfg.default_hooks = dict(logger=dict(type='LoggerHook', interval=5, priority='LOW'))
    cfg.custom_hooks = [dict(type='CollapseWatchHook', interval=5, spread=0.1)]
    check_before_run(cfg, 'train')
    cfg.merge_from_dict({key: value})
    place = key.replace('.0.', '[0].').replace('.2.', '[2].')
    refuses(cfg, code, place)
