"""All checks together."""

import json
import time

import pytest
from mmengine.config import ConfigDict

from lfhpe_mmpose.launch.checks import PreflightError, check_before_run, problem

from .words import found, refuses


class TestCheckBeforeRun:
    """The checks as the commands call them."""

    def test_good_input_passes(self, cfg, tmp_path):
        """A good run is accepted, fast, and nothing is written or changed."""
        before = cfg.pretty_text
        start = time.process_time()
        check_before_run(cfg, 'train')
        check_before_run(cfg.copy(), 'train')
        assert time.process_time() - start < 5
        assert not (tmp_path / 'work_dir').exists()
        assert cfg.pretty_text == before

    def test_all_problems_at_once(self, cfg, data):
        """Three mistakes are reported together, each with its place and remedy."""
        data.data['annotations'][0]['bbox'][2] = -3
        data.write()
        data.image(1).unlink()
        cfg.model.head.out_channels = 14
        codes = [error.code for error in found(cfg)]
        # Validation reads the same file; its head has a place of its own.
        assert sorted(codes) == ['box', 'head-keypoints', 'head-keypoints', 'missing-image']

    def test_unknown_mode(self, cfg):
        """An unknown mode is the caller's mistake."""
        with pytest.raises(ValueError, match='mode'):
            check_before_run(cfg, 'validate')

    def test_loader_missing(self, cfg):
        """A test without test data is refused."""
        cfg.test_dataloader = None
        refuses(cfg, 'config', 'test_dataloader', mode='test')

    def test_validation_is_checked_only_if_it_runs(self, cfg):
        """--no-validate must not fail for the validation's file."""
        cfg.val_dataloader.dataset.ann_file = 'none.json'
        refuses(cfg, 'file-missing', 'none.json', 'val_dataloader.dataset.ann_file')
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
        check_before_run(cfg, 'train')

    def test_metric_file(self, cfg):
        """The file that a metric reads itself is checked."""
        cfg.val_evaluator = [dict(type='CocoMetric', ann_file='elsewhere.json')]
        refuses(cfg, 'file-missing', 'elsewhere.json', 'val_evaluator[0].ann_file')

    def test_detector_boxes(self, cfg, data):
        """Detector boxes must be a list; then the file needs no persons."""
        cfg.test_dataloader.dataset.bbox_file = 'boxes.json'
        (data.root / 'boxes.json').write_text('{}')
        refuses(cfg, 'structure', 'boxes.json', 'bbox_file', mode='test')
        (data.root / 'boxes.json').write_text(json.dumps([dict(image_id=1)]))
        data.data['annotations'] = []
        data.write()
        check_before_run(cfg, 'test')

    def test_unknown_dataset(self, cfg):
        """A type that is not registered is reported with its entry."""
        cfg.train_dataloader.dataset.type = 'CocoDatset'
        refuses(cfg, 'unknown-type', 'CocoDatset', 'train_dataloader.dataset.type')

    def test_wrapped_datasets(self, cfg):
        """The entry of a data set inside wrappers is named."""
        inner = cfg.train_dataloader.dataset
        broken = ConfigDict({**inner, 'ann_file': 'none.json'})
        cfg.train_dataloader.dataset = dict(
            type='RepeatDataset',
            times=2,
            dataset=dict(type='ConcatDataset', datasets=[inner, broken]),
        )
        refuses(cfg, 'file-missing', 'train_dataloader.dataset.dataset.datasets[1].ann_file')

    def test_no_full_batch(self, cfg):
        """drop_last with fewer persons than a batch would train nothing."""
        cfg.train_dataloader.update(drop_last=True, batch_size=4)
        check_before_run(cfg, 'train')
        cfg.train_dataloader.batch_size = 5
        refuses(cfg, 'batch-size', 'persons.json', 'train_dataloader.batch_size')


class TestPreflightError:
    """Several problems as one error."""

    def test_code_and_text(self):
        """A common code is kept; the text lists all problems with their codes."""
        box, image = problem('box', 'a', 'A.', 'B.', ['c', 'd']), problem('image', 'e', 'F.', 'G.')
        assert PreflightError([box, box]).code == 'box'
        error = PreflightError([box, image])
        assert error.code == 'several'
        for word in (
            '2 problems',
            '1. a: A.',
            '   - c',
            '   - d',
            'B. [box]',
            '2. e: F. G. [image]',
        ):
            assert word in str(error)
