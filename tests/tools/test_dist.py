"""tools/dist_train.sh and its twins."""

import os

import pytest
import torch

from .conftest import run

on_cpu = pytest.mark.skipif(torch.cuda.is_available(), reason='for machines without a GPU')


@on_cpu
class TestDist:
    """Two processes on the CPU."""

    def test_train_and_test(self, tiny):
        """Training with tagged and located persons, then the test, in two processes."""
        result = run('dist_train.sh', tiny, '2', '--work-dir', 'two', cwd=tiny.parent)
        assert result.returncode == 0, (result.stdout + result.stderr)[-3000:]
        assert 'the processes communicate by gloo' in result.stdout
        assert 'GPU number: 2' in result.stdout
        # 48 persons, batches of 8, two processes.
        assert 'Epoch(train) [1][3/3]' in result.stdout
        weights = tiny.parent / 'two' / 'epoch_1.pth'
        assert torch.load(weights, weights_only=True)['meta']['epoch'] == 1

        result = run('dist_test.sh', tiny, weights, '2', cwd=tiny.parent)
        assert result.returncode == 0, (result.stdout + result.stderr)[-3000:]
        assert 'category/mAP' in result.stdout

    def test_mistake(self, tiny):
        """A mistake ends both processes, is reported once, without a traceback of ours."""
        result = run(
            'dist_train.sh', tiny, '2', '--work-dir', 'none', '--cfg-options',
            'env_cfg.dist_cfg.backend=nccl', cwd=tiny.parent,
        )  # fmt: skip
        assert result.returncode != 0
        assert result.stderr.count('[no-gpu]') == 1
        assert not list((tiny.parent / 'none').rglob('*.pth'))


class TestScripts:
    """What the shell scripts hand on."""

    @pytest.mark.parametrize('name', ['dist_train', 'dist_test', 'slurm_train', 'slurm_test'])
    def test_usage(self, tmp_path, name):
        """Too few arguments give the usage and status 2."""
        result = run(f'{name}.sh', 'recipe.py', cwd=tmp_path)
        assert result.returncode == 2
        assert f'tools/{name}.sh ' in result.stderr

    @pytest.mark.parametrize('kind', ['train', 'test'])
    def test_slurm(self, tmp_path, kind):
        """srun gets the sizes and the script all other options, also with blanks."""
        fake = tmp_path / 'srun'
        fake.write_text('#!/bin/sh\nfor word in "$@"; do echo "[$word]"; done\n')
        fake.chmod(0o755)
        result = run(
            f'slurm_{kind}.sh', 'part', 'job', 'recipe.py', 'where', '--cfg-options', 'a=b c',
            cwd=tmp_path, PATH=f'{tmp_path}:{os.environ["PATH"]}', GPUS='4',
            SRUN_ARGS='--time=1 --mem=2G',
        )  # fmt: skip
        words = result.stdout.split('\n')
        for word in ('part', '--gres=gpu:4', '--ntasks=4', '--time=1', '--mem=2G', 'recipe.py'):
            assert f'[{word}]' in words, result.stdout + result.stderr
        assert ('[--work-dir=where]' if kind == 'train' else '[where]') in words
        assert words[-5:-1] == ['[--launcher]', '[slurm]', '[--cfg-options]', '[a=b c]']
