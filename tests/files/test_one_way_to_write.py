"""Files are written through ``files/writing.py``, so that none is left torn."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import lfhpe_mmpose

PACKAGE = Path(lfhpe_mmpose.__file__).parent
# Methods of any object, and functions of a module.
METHODS = {
    'write_text',
    'write_bytes',
    'savefig',
    'to_csv',
    'to_json',
    'imwrite',
    'imsave',
    'dump',
}
FUNCTIONS = {
    *('os.replace', 'os.rename', 'torch.save', 'np.save', 'np.savez', 'np.savez_compressed'),
    *('shutil.copy', 'shutil.copy2', 'shutil.copyfile', 'copyfile', 'shutil.copytree'),
}
ALLOWED = {
    'files/writing.py': 'the one way',
    'datasets/synthetic/generate.py': 'pictures of a folder that is marked as unfinished',
    'study/execute.py': 'the log of a training',
    'annotation/asking/snapshot.py': 'a copy in a temporary folder',
    # Journals grow line by line inside `with writing(...)`; a torn last line is repaired.
    'annotation/asking/journal.py': 'journal',
    'annotation/plan/detector.py': 'journal',
    'annotation/prepare/images.py': 'journal',
    'runtime/prediction_lines.py': 'journal',
    'runtime/video/frame_lines.py': 'journal',
    'runtime/video/clip.py': 'a video, which the encoder writes under another name',
}


def direct_writes(code: str) -> Iterator[str]:
    """Calls that write a file other than ``part``, which ``files/writing.py`` has made."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, 'attr', getattr(node.func, 'id', ''))
        owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ''
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        texts = [
            v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)
        ]
        opens = name == 'open' and any(len(t) < 4 and set(t) & set('wax+') for t in texts)
        writes = (name in METHODS and owner) or ast.unparse(node.func) in FUNCTIONS
        # json.dump and the like write into an open file; where it was opened is found instead.
        into_file = bool({'file', 'buffer'} & {*map(ast.unparse, node.args)})
        mentioned = {n.id for v in values for n in ast.walk(v) if isinstance(n, ast.Name)}
        if (opens or writes) and not into_file and 'part' not in {owner, *mentioned}:
            yield ast.unparse(node)


@pytest.mark.parametrize(
    'code',
    [
        *('open(a, "w")', 'a.open("ab")', 'open(a, mode="x")', 'a.write_text(b)'),
        *('cv2.imwrite(a, b)', 'cfg.dump(a)', 'torch.save(a, b)', 'shutil.copy(a, b)'),
    ],
)
def test_finds(code):
    """Writing to a path is found; reading and writing to a part file are not."""
    assert list(direct_writes(code))
    good = (
        'open(a, "rb"); part.write_text(b); open(part, "w"); json.dump(a, file); copyfile(a, part)'
    )
    assert not list(direct_writes(good))


def test_direct_writes():
    """No other module opens a file for writing."""
    found = {
        path.relative_to(PACKAGE).as_posix(): list(direct_writes(path.read_text(encoding='utf-8')))
        for path in PACKAGE.rglob('*.py')
    }
    assert {name for name, calls in found.items() if calls} <= set(ALLOWED)
