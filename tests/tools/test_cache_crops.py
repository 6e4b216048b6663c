"""tools/cache_crops.py."""

import json
import shutil

import pytest

from lfhpe_mmpose.datasets.crop_cache.store import close_readers
from tests.tools.conftest import write_tiny_cfg
from tests.tools.loading import load_tool

tool = load_tool('cache_crops')


@pytest.fixture(scope='module')
def tiny(tmp_path_factory, people):
    """A tiny config, and a copy of its data that a test may change."""
    folder = tmp_path_factory.mktemp('cache_crops')
    shutil.copytree(people, folder / 'people')
    return write_tiny_cfg(folder, folder / 'people')


class TestMain:
    """`main`."""

    def test_build_verify_and_refuse(self, tiny, tmp_path, capsys):
        """Builds, says how to use it, verifies, goes on, and refuses other settings."""
        out = str(tmp_path / 'crops')
        assert tool.main([str(tiny), out, '--workers', '2']) == 0
        printed = capsys.readouterr().out
        assert '48 persons in 48 images: about' in printed and '48 crops written' in printed
        assert "LoadCachedCrop', cache=" in printed and "CachedTopdownAffine'" in printed
        assert tool.main([str(tiny), out, '--workers', '0']) == 0
        assert '0 crops written' in capsys.readouterr().out
        for number in ([], ['5']):
            assert tool.main([str(tiny), out, '--verify', *number]) == 0
        assert '48 persons, all as in the source' in capsys.readouterr().out
        assert tool.main([str(tiny), out, '--quality', '50']) == 2
        assert 'error: ' in capsys.readouterr().err

    def test_verify_finds_changes(self, tiny, tmp_path, capsys):
        """A changed image, a changed box and a person who was added are each told."""
        out = str(tmp_path / 'crops')
        assert tool.main([str(tiny), out, '--workers', '0']) == 0
        root = tiny.parent / 'people'
        labels = next((root / 'annotations').glob('*train*.json'))
        before = labels.read_text()
        data = json.loads(before)
        data['annotations'][3]['bbox'][2] -= 2
        data['annotations'].append(dict(data['annotations'][0], id=777))
        labels.write_text(json.dumps(data))
        name = data['images'][0]['file_name']
        file = next(root.rglob(name))
        pixels = file.read_bytes()
        file.write_bytes(next(root.rglob(data['images'][1]['file_name'])).read_bytes())
        try:
            assert tool.main([str(tiny), out, '--verify']) == 2
        finally:
            labels.write_text(before)
            file.write_bytes(pixels)
            close_readers()
        told = capsys.readouterr().err
        assert '3 crops differ' in told
        for words in ('annotation 777 of image 1: missing', 'annotation 4 of image 4: cut for'):
            assert words in told
        assert 'annotation 1 of image 1' in told and 'another file' in told

    @pytest.mark.parametrize(
        'options, words',
        [
            (['--max-gib', '0.0001'], 'Raise --max-gib'),
            (['--max-gib', '-1'], '--max-gib must be above 0'),
            (['--quality', '0'], 'quality'),
            (['--margin', '0'], 'margin'),
            (['--dataset', '1'], 'there is no --dataset 1'),
            (['--verify'], 'there is no crop cache'),
            (
                ['--cfg-options', 'train_dataloader.dataset.ann_file=none.json'],
                'none.json: the annotation file does not exist',
            ),
            (
                ['--cfg-options', 'train_dataloader.dataset.pipeline.1.color_type=grayscale'],
                'grayscale',
            ),
        ],
    )
    def test_mistakes(self, tiny, tmp_path, capsys, options, words):
        """Each ends with a message and status 2, and writes nothing."""
        out = tmp_path / 'crops'
        assert tool.main([str(tiny), str(out), '--workers', '0', *options]) == 2
        assert words in capsys.readouterr().err
        assert not out.exists()

    def test_interrupted(self, tiny, tmp_path, capsys, monkeypatch):
        """Ctrl-C ends with status 130 and says what to do."""

        def stop(*args, **kwargs):
            raise KeyboardInterrupt

        monkeypatch.setattr(tool, 'build_cache', stop)
        assert tool.main([str(tiny), str(tmp_path / 'crops')]) == 130
        assert 'run the same command' in capsys.readouterr().err
