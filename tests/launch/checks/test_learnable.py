"""Warnings before a training from which little can be learnt."""

import pytest

from lfhpe_mmpose.launch.checks import check_before_run, learnable


@pytest.fixture
def codes(cfg, monkeypatch):
    """Train for so many epochs with so long a warm-up, and return the codes of the warnings."""
    lines = []
    monkeypatch.setattr(learnable, 'print_log', lambda text, *_, **__: lines.append(text))

    def check(epochs=300, warmup=10):
        cfg.train_dataloader.batch_size = 2
        cfg.train_cfg = dict(by_epoch=True, max_epochs=epochs)
        cfg.param_scheduler = [dict(type='LinearLR', by_epoch=False, begin=0, end=warmup)]
        lines.clear()
        check_before_run(cfg, 'train')
        return [line.rpartition('[')[2].rstrip(']') for line in lines], lines

    return check


class TestSteps:
    """Four persons, two steps an epoch."""

    def test_few(self, codes):
        """The remedy is an option that gives 400 steps."""
        found, lines = codes(epochs=20, warmup=4)
        assert found == ['few-steps', 'few-persons']
        assert '40 steps (20 epochs of 2)' in lines[0] and 'max_epochs=200' in lines[0]

    def test_enough(self, codes):
        """600 steps, of which 10 are warm-up."""
        assert codes()[0] == ['few-persons']

    def test_long_warm_up(self, codes):
        """The remedy names the entry and a tenth of the steps."""
        found, lines = codes(warmup=61)
        assert found == ['long-warm-up', 'few-persons']
        assert 'param_scheduler.0.end=60' in lines[0]
        assert codes(warmup=60)[0] == ['few-persons']


class TestTags:
    """Files without a coordinate."""

    @pytest.mark.parametrize('absent, warned', [(4, True), (5, False)])
    def test_hardly_ever_absent(self, cfg, data, codes, absent, warned):
        """A keypoint that nearly every picture shows cannot be placed."""
        for loader in (cfg.train_dataloader, cfg.val_dataloader):
            loader.dataset.type = 'TaggedCocoDataset'
        rows = [[1] * 17 for _ in range(8)]
        for row in rows[:absent]:
            row[0] = 0
        for row in rows[:6]:
            row[1:] = [0] * 16
        for i, annotation in enumerate(data.data['annotations']):
            del annotation['keypoints'], annotation['num_keypoints']
            annotation['keypoint_tags'] = rows[i]
            annotation['tag_views'] = [dict(bbox=[5, 6, 10, 10], keypoint_tags=rows[i + 4])]
        data.write()
        found, lines = codes()
        assert ('few-absent' in found) == warned
        assert not warned or 'do not show nose' in lines[0]
