"""The notebook of the docs runs, cell by cell."""

import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip('onnxruntime', reason='ONNX Runtime is not installed')
pytest.importorskip('onnx', reason='onnx is not installed')
NOTEBOOK = Path(__file__).resolve().parents[1] / 'docs' / 'notebooks' / 'photos_to_skeletons.ipynb'


def cells():
    """The source of each cell of code."""
    content = json.loads(NOTEBOOK.read_text(encoding='utf-8'))
    return [''.join(c['source']) for c in content['cells'] if c['cell_type'] == 'code']


@pytest.mark.slow
def test_runs(data_dir, tmp_path, monkeypatch):
    """On two photographs, in a folder of its own; what it keeps is there."""
    (tmp_path / 'photos').mkdir()
    for path in sorted((data_dir / 'coco_mini' / 'val2017').iterdir())[:2]:
        shutil.copy(path, tmp_path / 'photos')
    monkeypatch.chdir(tmp_path)
    space = {}
    for i, source in enumerate(cells()):
        exec(compile(source, f'cell {i + 1}', 'exec'), space)
    assert len(space['results']) == 2 and len(space['table']) == 14
    assert space['other'].persons[0].keypoints.shape == (14, 2)
    assert len((tmp_path / 'keypoints.jsonl').read_text().splitlines()) == 3


def test_stored_output():
    """Ten cells, run in order, without an error and without a path of our machines."""
    content = json.loads(NOTEBOOK.read_text(encoding='utf-8'))
    code = [cell for cell in content['cells'] if cell['cell_type'] == 'code']
    assert [cell['execution_count'] for cell in code] == list(range(1, len(code) + 1))
    assert len(code) == 10 and all(cell['outputs'] for cell in code)
    kinds = {output['output_type'] for cell in code for output in cell['outputs']}
    assert kinds <= {'execute_result', 'stream'}
    text = NOTEBOOK.read_text(encoding='utf-8')
    assert not [word for word in ('/tmp/', '/home/', '/root/') if word in text]
