"""Blocks and whole runs of tiny models."""

import json

import pytest
import torch

from lfhpe_mmpose.benchmark import block as blocks
from lfhpe_mmpose.benchmark.comparison import Run
from lfhpe_mmpose.benchmark.modes import Mode
from lfhpe_mmpose.benchmark.settings import Settings
from tests.refusal import refuses


def tiny_settings(models, **changes) -> Settings:
    """Everything small."""
    values = dict(
        models=models,
        reference=models[0],
        measures=('latency', 'throughput', 'training'),
        batch_sizes=(1, 2),
        train_batch_size=2,
        rounds=2,
        seconds=0.001,
    )
    return Settings(**dict(values, **changes))


class TestBlocks:
    """Models side by side."""

    def test_interleaved(self, configs, monkeypatch):
        """In a round the models follow one another for each figure, and rounds repeat."""
        turns = []
        real = blocks.interleave

        def note(tasks, rounds, after_round):
            tasks = {
                key: (lambda k=key, t=task: turns.append(k) or t()) for key, task in tasks.items()
            }
            return real(tasks, rounds, after_round)

        monkeypatch.setattr(blocks, 'interleave', note)
        run = Run(tiny_settings(configs))
        run.blocks()
        a, b = configs
        one_round = [
            ('latency', a), ('latency', b), ('throughput', '1', a), ('throughput', '1', b),
            ('throughput', '2', a), ('throughput', '2', b), ('training', a), ('training', b),
        ]  # fmt: skip
        assert turns == one_round * 2

    def test_figures(self, configs):
        """A value a round for each figure; saved after each round, as JSON."""
        saved = []
        run = Run(tiny_settings(configs), save=lambda results: saved.append(json.dumps(results)))
        run.models()
        run.blocks()
        rounds = [json.loads(text)['blocks'][0]['rounds'] for text in saved[1:]]
        assert rounds == [1, 2]
        half = json.loads(saved[1])['blocks'][0]
        assert len(half['latency'][configs[0]]) == len(half['training'][configs[1]]) == 1
        block = run.results['blocks'][0]
        for name in configs:
            assert [len(calls) for calls in block['latency'][name]] == [5, 5]
            assert all(v > 0 for v in block['throughput']['2'][name])
            assert set(block['training'][name][0]) > {'step', 'forward_neck'}
        model = run.results['models'][configs[0]]
        assert model['parameters'] > 0 and model['flops'] > 0 and not model['skipped']

    def test_compiled(self, configs, monkeypatch):
        """Everything is compiled in the warm-up, nothing in the rounds."""
        counters = torch._dynamo.utils.counters['stats']
        graphs = []
        real = blocks.interleave

        def count(*args):
            graphs.append(counters['unique_graphs'])
            found = real(*args)
            graphs.append(counters['unique_graphs'])
            return found

        monkeypatch.setattr(blocks, 'interleave', count)
        torch._dynamo.reset()
        counters.clear()
        Run(tiny_settings(configs, modes=[Mode(compile='eager')], measures=('latency',))).blocks()
        assert graphs == [2, 2]

    def test_modes(self, configs):
        """A block each; what a mode cannot do is skipped, with the reason."""
        modes = [Mode(channels_last=True, fuse_bn=True), Mode('fp16')]
        said = []
        run = Run(tiny_settings(configs, modes=modes, measures=('latency', 'training'), rounds=1),
                  say=said.append)  # fmt: skip
        run.blocks()
        fused, half = run.results['blocks']
        assert fused['training']
        assert half['training'] == {} and half['latency']
        assert 'GPU' in half['skipped'][configs[0]]['training']
        assert any('training skipped' in text for text in said)

    def test_failing_model(self, configs, monkeypatch):
        """What fails in a mode is a skipped entry with its reason; the others go on."""
        inference = blocks.Inference

        def fail(model, *args):
            if getattr(model, 'neck', None) is None:
                raise RuntimeError('no kernel\nstack')
            return inference(model, *args)

        monkeypatch.setattr(blocks, 'Inference', fail)
        run = Run(tiny_settings(configs, rounds=1))
        run.blocks()
        block = run.results['blocks'][0]
        assert block['skipped'] == {configs[1]: dict(inference='RuntimeError: no kernel')}
        assert set(block['latency']) == {configs[0]} and set(block['training']) == set(configs)


class TestMistakes:
    """Before anything is measured."""

    @pytest.mark.parametrize(
        ('code', 'place', 'changes'),
        [
            ('config-missing', 'nobody', dict(models=['nobody'])),
            ('option', '--models', dict(models=['ours', 'ours'])),
            ('option', '--models', dict(models=[])),
            ('option', '--reference', dict(reference='nobody')),
            ('option', '--measures', dict(measures=['speed'])),
            ('option', '--rounds', dict(rounds=0)),
            ('option', '--train-batch-size', dict(train_batch_size=0)),
            ('option', '--batch-sizes', dict(batch_sizes=[])),
            ('option', '--seconds', dict(seconds=0)),
            ('option', '--device', dict(device='cuda')),
        ],
    )
    def test_settings(self, code, place, changes, monkeypatch):
        """Each invalid setting is named."""
        monkeypatch.setattr('torch.cuda.is_available', lambda: False)
        models = changes.pop('models', ['ours'])
        values = dict(models=models, reference=models[0] if models else '')
        with refuses(code, place):
            Run(Settings(**dict(values, **changes)))

    def test_reference_is_skipped(self, configs, monkeypatch):
        """The message has the reason."""
        monkeypatch.setattr(
            'lfhpe_mmpose.benchmark.models._missing',
            lambda cfg: 'needs x' if 'ViT' in cfg.filename else '',
        )
        with refuses('option', '--reference') as caught:
            Run(tiny_settings(['vitpose-s', configs[0]]))
        assert 'vitpose-s needs x' in caught.value.fault
