"""Two writers of one file, a reader, a planted link and kill -9: no torn file, no mixed output.

    python -m tests.faults.writers --trials 200

One trial in twenty runs ``lfhpe predict --out f --resume`` beside a running one.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch

from lfhpe_mmpose.files import writing
from tests.cli.calling import status_of
from tests.tiny_model import TinyModel, make_tiny_model

SIZE = 200_000
IMAGES = 40


def forked(function: Callable[[], int], log: Path) -> int:
    """Call a function in a child, which ends with its result; the child's process id."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        status = function()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


def status_after(child: int) -> int:
    """Wait for a child; its exit status, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def fill(part: Path, text: bytes) -> None:
    """Write in several pieces, so that a reader could see a half."""
    with open(part, 'wb', buffering=0) as file:
        for _ in range(8):
            file.write(text * (SIZE // 8))


def write_for_ever(path: Path, text: bytes) -> int:
    """Write the same file over and over; the first temporary name is one that was guessed."""
    token = writing.secrets.token_hex
    tokens = iter([text.decode() * 12])
    writing.secrets.token_hex = lambda size: next(tokens, None) or token(size)
    while True:
        with writing.write_whole(path) as part:
            fill(part, text)


def whole(path: Path, texts: bytes) -> bool:
    """Whether the file is the whole file of one of the writers."""
    found = path.read_bytes()
    return len(found) == SIZE and found[0] in texts and found.count(found[0]) == SIZE


def try_write(folder: Path, moments: random.Random) -> tuple[str, int]:
    """Two writers, watched, then killed at random moments; what was lost, and the looks."""
    path, victim = folder / 'out.json', folder / 'victim'
    path.write_bytes(b'o' * SIZE)
    victim.write_text('mine')
    for name in ('.out.json.part', *(f'.out.{text * 12}.part.json' for text in 'ab')):
        (folder / name).symlink_to(victim)
    children = [forked(lambda t=t: write_for_ever(path, t), folder / 'log') for t in (b'a', b'b')]
    looks, torn = 0, 0
    for child in children:
        until = time.monotonic() + moments.uniform(0.02, 0.2)
        while time.monotonic() < until:
            torn += not whole(path, b'oab')
            looks += 1
        os.kill(child, signal.SIGKILL)
        if status_after(child) != -signal.SIGKILL:
            return 'a writer failed: ' + (folder / 'log').read_text()[-300:], looks
    if torn:
        return f'{torn} of {looks} looks saw a torn file', looks
    if not whole(path, b'oab'):
        return 'the file is torn after kill -9', looks
    if victim.read_text() != 'mine':
        return 'a planted link was followed', looks
    return '', looks


def predict(model: TinyModel, out: Path, *words: str) -> int:
    """``lfhpe predict`` on the images beside the model."""
    images = Path(model.config).parent / 'images'
    call = ['predict', model.config, images, '--weights', model.weights, '--out', out]
    return status_of(*call, '--batch-size', 1, *words)


def try_predict(folder: Path, moments: random.Random, model: TinyModel) -> str:
    """A second prediction beside a stopped one, which then goes on or is killed and resumed."""
    out, log = folder / 'found.jsonl', folder / 'log'
    first = forked(lambda: predict(model, out), folder / 'first.log')
    while not out.exists() or out.stat().st_size == 0:
        if os.waitpid(first, os.WNOHANG)[0]:
            return 'the first failed: ' + (folder / 'first.log').read_text()[-300:]
        time.sleep(0.001)
    time.sleep(moments.uniform(0, 0.05))
    os.kill(first, signal.SIGSTOP)
    before = out.read_bytes()
    status = status_after(forked(lambda: predict(model, out, '--resume'), log))
    said, same = log.read_text(), out.read_bytes() == before
    killed = moments.random() < 0.5
    os.kill(first, signal.SIGKILL if killed else signal.SIGCONT)
    ended = status_after(first)
    if status != 2 or '[locked]' not in said or f'process {first} ' not in said:
        return f'the second was not refused: status {status}: {said[-300:]}'
    if not same:
        return 'the second changed the file'
    if killed:
        ended = status_after(forked(lambda: predict(model, out, '--resume'), log))
    if ended:
        return f'the file was not completed: status {ended}'
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    images = [line['image'] for line in lines if 'image' in line]
    if len(images) != IMAGES or len(set(images)) != IMAGES:
        return f'{len(set(images))} of {IMAGES} images, {len(images)} lines'
    return ''


def main() -> int:
    """Try, print what was lost, and one line of counts."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--trials', type=int, default=200)
    parser.add_argument('--seed', type=int, default=0, help='of the moments of the kills')
    args = parser.parse_args()
    warnings.simplefilter('ignore')
    torch.set_num_threads(1)
    moments = random.Random(args.seed)
    lost = looks = predictions = 0
    with tempfile.TemporaryDirectory() as name:
        model = make_tiny_model(Path(name), 14)
        (Path(name) / 'images').mkdir()
        for i in range(IMAGES):
            image = np.full((60, 50, 3), i, np.uint8)
            cv2.imwrite(f'{name}/images/{i}.png', image)
        for trial in range(args.trials):
            folder = Path(name) / f'trial_{trial}'
            folder.mkdir()
            if trial % 20 == 19:
                fault = try_predict(folder, moments, model)
                predictions += 1
            else:
                fault, seen = try_write(folder, moments)
                looks += seen
            lost += bool(fault)
            if fault:
                print(f'trial {trial}: {fault}', flush=True)
    print(
        f'writers: {args.trials} trials tried ({looks} looks, {predictions} predictions beside a '
        f'running one), {lost} lost'
    )
    return min(lost, 1)


if __name__ == '__main__':
    sys.exit(main())
