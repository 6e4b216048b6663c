"""Damaged images and videos: both predictors say the same, in a line, or read them right.

python -m tests.faults.pictures
"""

import contextlib
import io
import logging
import random
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from lfhpe_mmpose.apis import PosePredictor, init_model
from lfhpe_mmpose.apis.export_onnx import export_onnx
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.runtime import OnnxPredictor
from lfhpe_mmpose.runtime.prediction_lines import header_of
from lfhpe_mmpose.runtime.video.clip import Clip
from lfhpe_mmpose.runtime.video.clip_lists import find_clips
from lfhpe_mmpose.runtime.video.predict import VideoSettings, predict_videos
from tests.tiny_model import make_tiny_model

IMAGES, VIDEOS = 140, 60
_ENDINGS = ('.jpg', '.png', '.bmp', '.tif', '.webp')
_MODES = {'.jpg': ('RGB', 'L', 'CMYK'), '.png': ('RGB', 'RGBA', 'L', 'P', '1', 'I;16', 'LA')}


def damage(data: bytes, rng: random.Random, kind: int) -> bytes:
    """Cut off, change bits, blank a part, put a page in front, or take away everything."""
    if kind == 0:
        return data[: rng.randrange(len(data))]
    changed = bytearray(data)
    if kind == 1:
        for _ in range(rng.choice((1, 3, 30))):
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    elif kind == 2:
        start, length = rng.randrange(len(changed)), rng.choice((4, 64, 2000))
        changed[start : start + length] = bytes(len(changed[start : start + length]))
    elif kind == 3:
        return b'<!DOCTYPE html>\n' + data[: rng.randrange(40)]
    elif kind == 4:
        return rng.choice((b'', b'\0' * 100, b'hello\n'))
    return bytes(changed)


def images(folder: Path, rng: random.Random) -> Iterator[Path]:
    """Images of several formats and modes, most of them damaged."""
    noise = np.random.default_rng(rng.randrange(1 << 30))
    for i in range(IMAGES):
        ending = _ENDINGS[i % len(_ENDINGS)]
        size = (1, 1) if i % 23 == 0 else (rng.randrange(2, 90), rng.randrange(2, 90))
        picture = Image.fromarray(noise.integers(0, 255, (*size, 3), dtype=np.uint8))
        picture = picture.convert(rng.choice(_MODES.get(ending, ('RGB',))))
        content, options = io.BytesIO(), {}
        if ending == '.jpg':
            exif = Image.Exif()
            exif[0x0112] = rng.randrange(1, 9)
            options['exif'] = exif
        picture.save(content, Image.registered_extensions()[ending], **options)
        data = content.getvalue()
        path = folder / f'{i:03d}{rng.choice(_ENDINGS) if i % 7 == 0 else ending}'
        path.write_bytes(data if i % 6 == 5 else damage(data, rng, i % 6))
        yield path


def videos(folder: Path, rng: random.Random) -> Iterator[Path]:
    """Videos of two forms, most of them damaged."""
    noise = np.random.default_rng(rng.randrange(1 << 30))
    for i in range(VIDEOS):
        path = folder / f'{i:03d}{(".mp4", ".mkv")[i % 2]}'
        height, width = rng.randrange(16, 60), rng.randrange(16, 60)
        with Clip(path, 25) as clip:
            for number in range(8):
                picture = noise.integers(0, 255, (height, width, 3), dtype=np.uint8)
                clip.write(picture, number / 25)
        if i % 6 != 5:
            path.write_bytes(damage(path.read_bytes(), rng, i % 6))
        yield path


def upright_size(path: Path) -> tuple[int, int] | None:
    """Width and height by Pillow; None if it cannot tell."""
    try:
        with Image.open(path) as picture:
            return ImageOps.exif_transpose(picture).size
    except Exception:
        return None


def image_losses(predictors: list[Any], paths: list[Path], counts: Counter[str]) -> list[str]:
    """Images about which the predictors differ, or whose size is wrong."""
    found = [list(predictor([str(path) for path in paths])) for predictor in predictors]
    lost = []
    for path, first, second in zip(paths, *found, strict=True):
        counts['refused' if first.error else 'read'] += 1
        if first.error != second.error or '\n' in first.error:
            lost.append(f'{path.name}: {first.error!r} and {second.error!r}')
        elif first.error and first.persons:
            lost.append(f'{path.name}: persons in an image that was refused')
        elif not first.error:
            size = upright_size(path)
            if first.size != second.size or (size is not None and first.size != size):
                lost.append(f'{path.name}: {first.size}, {second.size}, by Pillow {size}')
    return lost


def video_losses(
    predictors: list[Any], paths: list[Path], out: Path, counts: Counter[str]
) -> list[str]:
    """Videos that raise anything but an error with a code, or about which they differ."""
    lost = []
    for path in paths:
        said = []
        for number, predictor in enumerate(predictors):
            lines = out / f'{path.name}.{number}.jsonl'
            clips = find_clips([str(path)], str(lines), None)
            try:
                with contextlib.redirect_stderr(io.StringIO()):
                    predict_videos(
                        predictor, clips, header_of(['a'], []), VideoSettings([], False)
                    )
                said.append(str(len(lines.read_text().splitlines())))
            except UserError as error:
                said.append(f'[{error.code}]')
            except Exception as error:
                said.append(f'{type(error).__name__}: {error}')
                lost.append(f'{path.name}: {said[-1]}')
        counts['refused' if said[0].startswith('[') else 'read'] += 1
        if said[0] != said[1]:
            lost.append(f'{path.name}: {said}')
    return lost


def main(seed: int = 0) -> list[str]:
    """Try all, and print one line.

    Returns:
        list[str]: What was lost.
    """
    warnings.simplefilter('ignore')
    logging.disable(logging.WARNING)
    rng, counts = random.Random(seed), Counter[str]()
    with tempfile.TemporaryDirectory() as temporary, contextlib.redirect_stdout(io.StringIO()):
        folder = Path(temporary)
        made = make_tiny_model(folder, 14)
        model = init_model(made.config, made.weights, 'cpu')
        export_onnx(model, folder / 'tiny.onnx', say=lambda _: None)
        predictors = [PosePredictor(model), OnnxPredictor(folder / 'tiny.onnx', threads=1)]
        given = [list(images(folder, rng)), list(videos(folder, rng))]
        lost = image_losses(predictors, given[0], counts)
        lost += video_losses(predictors, given[1], folder, counts)
    logging.disable(logging.NOTSET)
    print(
        f'{IMAGES} images and {VIDEOS} videos, {counts["refused"]} refused and {counts["read"]} '
        f'read by both predictors: {len(lost)} lost'
    )
    for line in lost:
        print(f'  {line}')
    return lost


if __name__ == '__main__':
    sys.exit(bool(main(*map(int, sys.argv[1:]))))
