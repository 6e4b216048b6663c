"""Damaged weight files: each is refused with an error code, or loads with every weight right.

python -m tests.faults.weights
"""

import contextlib
import io
import pickle
import random
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.launch.checkpoints import check_state_dict, load_published
from tests.cli.calling import status_of
from tests.tiny_model import make_tiny_model

PAGE = b'<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head></html>\n'


class Foreign:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return self.path.touch, ()


def damaged(good: bytes, ran: Path, rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """70 files: 20 cut off, 20 with wrong bits, and 10 of each other kind."""
    for _ in range(20):
        yield 'cut off', good[: rng.randrange(len(good))]
    for i in range(20):
        data = bytearray(good)
        for _ in range(1 + i % 4):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        yield 'wrong bits', bytes(data)
    for i in range(10):
        content = dict(state_dict={}, meta=dict(dataset_meta=Foreign(ran)))
        yield 'foreign pickle', pickle.dumps(content) if i % 2 else saved(content)
    for _ in range(10):
        checkpoint = torch.load(io.BytesIO(good), weights_only=True)
        state = checkpoint['state_dict']
        name = rng.choice([k for k, v in state.items() if v.ndim])
        state[name] = torch.zeros(*state[name].shape, 2)
        yield 'wrong shape', saved(checkpoint)
    for i in range(10):
        yield 'web page', PAGE * (1 + 100 * i)


def saved(content: object) -> bytes:
    """A file as torch writes it."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def try_load(path: Path, model: torch.nn.Module, good: dict) -> str:
    """The code of the error, '' for right weights, or a sentence about the loss."""
    try:
        state = load_published(path)['state_dict']
        check_state_dict(model, state, path)
    except UserError as error:
        return error.code
    except Exception as error:
        return f'raised {type(error).__name__}: {error}'[:200]
    same = state.keys() == good.keys() and all(torch.equal(state[k], good[k]) for k in good)
    return '' if same else 'loaded with wrong weights'


def try_publish(path: Path, out: Path) -> str:
    """'' if ``lfhpe publish`` succeeds or reports an error, else a sentence."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        try:
            status = status_of('publish', path, out)
        except BaseException as error:
            return f'publish raised {type(error).__name__}: {error}'[:200]
    said = text.getvalue()
    if status not in (0, 2) or 'Traceback' in said or (status == 2 and '[' not in said):
        return f'publish ended with status {status}: {said[-200:]}'
    return ''


def main() -> int:
    """Try all files, print what was lost, and one line of counts."""
    warnings.simplefilter('ignore')
    torch.set_num_threads(1)
    rng = random.Random(0)
    tried = lost = refused = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tiny = make_tiny_model(folder, 14)
        init_default_scope('mmpose')
        model = MODELS.build(Config.fromfile(tiny.config).model)
        data = tiny.weights.read_bytes()
        good = load_published(tiny.weights)['state_dict']
        ran = folder / 'ran'
        for kind, content in damaged(data, ran, rng):
            path = folder / 'damaged.pth'
            path.write_bytes(content)
            loaded = try_load(path, model, good)
            faults = [text for text in (loaded, try_publish(path, folder / 'out.pth'))
                      if ' ' in text]  # fmt: skip
            if ran.exists():
                faults.append('code from the file ran')
                ran.unlink()
            if kind in ('foreign pickle', 'wrong shape', 'web page') and not loaded:
                faults.append('loaded')
            tried += 1
            lost += bool(faults)
            refused += bool(loaded) and ' ' not in loaded
            if faults:
                print(f'file {tried} ({kind}): {"; ".join(faults)}', flush=True)
    print(f'weights: {tried} files tried ({refused} refused), {lost} lost')
    return min(lost, 1)


if __name__ == '__main__':
    sys.exit(main())
