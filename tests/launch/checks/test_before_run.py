"""All checks together."""

import json
import time

import pytest
from mmengine.config import ConfigDict

from lfhpe_mmpose.launch.checks import PreflightError, check_before_run

from .words import refuses


class TestCheckBeforeRun:
    """The checks as the tools call them."""

    def test_good_input_passes(self, cfg, tmp_path):
        """Nothing is said against a good run, fast, and nothing is written."""
        start = time.monotonic()
        check_before_run(cfg, 'train')
        check_before_run(cfg.copy(), 'train')
        assert time.monotonic() - start < 5
        assert not (tmp_path / 'work_dir').exists()

    def test_config_is_not_changed(self, cfg):
        """The run starts from the config that was checked."""
        before = cfg.pretty_text
        check_before_run(cfg, 'train')
        assert cfg.pretty_text == before

    def test_all_problems_at_once(self, cfg, data):
        """Three mistakes are told in one go, each with its remedy."""
        data.data['annotations'][0]['bbox'][2] = -3
        data.write()
        data.image(1).unlink()
        cfg.model.head.out_channels = 14
        with pytest.raises(PreflightError) as caught:
            check_before_run(cfg, 'train')
        # Train and validation read the same file, but through entries of their own.
        problems = '\n'.join(caught.value.problems)
        assert 'negative width' in problems
        assert '001.jpg' in problems
        assert 'model.head.out_channels=17' in problems
        assert all('remedy:' in text for text in caught.value.problems)

    def test_unknown_mode(self, cfg):
        """A mode that is none is the caller's mistake."""
        with pytest.raises(ValueError, match='mode'):
            check_before_run(cfg, 'validate')

    def test_loader_missing(self, cfg):
        """A test without test data is refused."""
        cfg.test_dataloader = None
        refuses(cfg, 'test_dataloader', 'add test_dataloader', mode='test')

    def test_validation_is_checked_only_if_it_runs(self, cfg):
        """--no-validate must not fail for the validation's file."""
        cfg.val_dataloader.dataset.ann_file = 'none.json'
        refuses(cfg, 'none.json', 'val_dataloader.dataset.ann_file')
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
        check_before_run(cfg, 'train')

    def test_metric_file(self, cfg):
        """The file that a metric reads by itself is looked at."""
        cfg.val_evaluator = [dict(type='CocoMetric', ann_file='elsewhere.json')]
        refuses(cfg, 'elsewhere.json', 'val_evaluator[0].ann_file', 'correct the entry')

    def test_detector_boxes(self, cfg, data):
        """Detector boxes must be a list; then the file needs no persons."""
        cfg.test_dataloader.dataset.bbox_file = 'boxes.json'
        (data.root / 'boxes.json').write_text('{}')
        refuses(cfg, 'boxes.json', 'bbox_file', 'image_id', mode='test')
        (data.root / 'boxes.json').write_text(json.dumps([dict(image_id=1)]))
        data.data['annotations'] = []
        data.write()
        check_before_run(cfg, 'test')

    def test_unknown_dataset(self, cfg):
        """A type that is not registered is told with its entry."""
        cfg.train_dataloader.dataset.type = 'CocoDatset'
        refuses(cfg, 'CocoDatset', 'train_dataloader.dataset.type', 'custom_imports')

    def test_wrapped_datasets(self, cfg):
        """The entry of a data set inside wrappers is named."""
        inner = cfg.train_dataloader.dataset
        broken = ConfigDict({**inner, 'ann_file': 'none.json'})
        cfg.train_dataloader.dataset = dict(
            type='RepeatDataset',
            times=2,
            dataset=dict(type='ConcatDataset', datasets=[inner, broken]),
        )
        refuses(cfg, 'none.json', 'train_dataloader.dataset.dataset.datasets[1].ann_file')

    def test_no_full_batch(self, cfg):
        """drop_last with fewer persons than a batch would train nothing."""
        cfg.train_dataloader.update(drop_last=True, batch_size=4)
        check_before_run(cfg, 'train')
        cfg.train_dataloader.batch_size = 5
        refuses(cfg, 'persons.json', 'train_dataloader.batch_size', 'drop_last=False')
