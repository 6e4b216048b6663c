"""Prediction of many images: memory in a warm loop, and speed beside one image at a time."""

import itertools
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmpose.apis import MMPoseInferencer
from tqdm import tqdm

from lfhpe_mmpose.apis import PosePredictor, find_config, find_weights, infer_persons
from lfhpe_mmpose.apis.person_detector import find_detector_config
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.image_folders import find_images
from lfhpe_mmpose.files.images import read_image


def measure_prediction(
    what: str,
    config: str,
    images: str,
    batch_sizes: Sequence[int],
    count: int | None = None,
    every: int = 500,
    call: int = 50,
    rounds: int = 5,
    **options: Any,
) -> dict[str, Any]:
    """Measure ``'memory'`` or ``'speed'``.

    Args:
        images: Folder of images, which are repeated if there are fewer than ``count``.
        batch_sizes: Persons that go through the network together; memory takes the last.
        count: Images. Defaults to 10000, or 32 for the speed.
        every: Images between two readings of the memory.
        call: Images in one call of the predictor.
        rounds: Rounds over all ways, after one that does not count.
        options: ``weights``, ``detector``, ``detector_weights`` and ``device``.

    Raises:
        UserError: If an argument cannot be used.
    """
    files = [str(Path(images) / name) for name in find_images(images)]
    if what == 'speed':
        files = list(itertools.islice(itertools.cycle(files), count or 32))
        ways = _ways(files, config, batch_sizes, **options)
        return measure_speed(ways, len(files), rounds)
    count = count or 10000
    if count < 3 * every:
        fault = f'There must be at least three times --every {every}.'
        raise UserError('count', f'--count {count}', fault)
    predictor = PosePredictor(config, batch_size=batch_sizes[-1], **options)
    return measure_memory(predictor, files, count, every, call)


def resident() -> float:
    """Memory of this process in MiB (Linux)."""
    with open('/proc/self/statm') as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGESIZE') / 2**20


def measure_memory(
    predictor: PosePredictor, files: list[str], count: int, every: int, call: int
) -> dict[str, Any]:
    """Call a predictor again and again, as a server would.

    Returns:
        dict: ``readings``, pairs (images, MiB), and figures of those after the first tenth.
    """
    source = itertools.cycle(files)
    readings: list[tuple[int, float]] = []
    persons = done = 0
    start = time.perf_counter()
    with tqdm(total=count, unit='image') as bar:
        while done < count:
            size = min(call, count - done)
            for result in predictor(itertools.islice(source, size)):
                persons += len(result.persons)
            done += size
            bar.update(size)
            if done // every > (done - size) // every:
                readings.append((done, round(resident(), 1)))
    seconds = time.perf_counter() - start
    warm = np.array([r for r in readings if r[0] > count / 10])
    return dict(
        images=done,
        persons=persons,
        images_per_second=round(done / seconds, 2),
        threads=threading.active_count(),
        first_mib=warm[0, 1],
        last_mib=warm[-1, 1],
        max_mib=warm[:, 1].max(),
        slope_mib_per_1000=round(1000 * float(np.polyfit(warm[:, 0], warm[:, 1], 1)[0]), 3),
        readings=readings,
    )


def measure_speed(ways: dict[str, Callable[[], int]], images: int, rounds: int) -> dict[str, Any]:
    """Run all ways in turn, once a round, so that a busy machine is fair to all.

    Returns:
        dict: For each way images/s (median), and the ratio to the second way (median, minimum,
        maximum).
    """
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    persons = {}
    for number in tqdm(range(rounds + 1), unit='round'):
        for name, way in ways.items():
            start = time.perf_counter()
            persons[name] = way()
            if number:
                seconds[name].append(time.perf_counter() - start)
    reference = np.array(seconds[list(ways)[1]])
    out = {}
    for name, values in seconds.items():
        ratio = reference / np.array(values)
        out[name] = dict(
            persons=persons[name],
            images_per_second=round(images / float(np.median(values)), 2),
            ratio=[round(float(f(ratio)), 2) for f in (np.median, np.min, np.max)],
        )
    return out


def _ways(
    files: list[str], config: str, batch_sizes: Sequence[int], **options: Any
) -> dict[str, Callable[[], int]]:
    """The ways to predict images, by name; each returns the number of persons."""
    detector = options.get('detector')
    inferencer = MMPoseInferencer(
        pose2d=find_config(config),
        pose2d_weights=str(options.get('weights') or find_weights(config)),
        device=options.get('device'),
        det_model=find_detector_config(detector) if detector else 'whole_image',
        det_weights=options.get('detector_weights'),
        det_cat_ids=[0],
    )
    predictors = {
        size: PosePredictor(config, batch_size=size, det_batch_size=min(size, 8), **options)
        for size in batch_sizes
    }
    single = next(iter(predictors.values()))

    def loop() -> int:
        persons = 0
        for file in files:
            image, boxes = read_image(file), None
            if single.detector is not None:
                (found,) = single.detector.detect([single.detector.prepare(image)])
                boxes = found[:, :4]
            persons += len(infer_persons(single.model, image, boxes))
        return persons

    def predict(predictor: PosePredictor) -> Callable[[], int]:
        return lambda: sum(len(result.persons) for result in predictor(files))

    return {
        'MMPoseInferencer, an image a call': lambda: sum(
            len(next(inferencer(file))['predictions'][0]) for file in files
        ),
        'infer_persons, an image a call': loop,
        **{f'PosePredictor, batch {size}': predict(p) for size, p in predictors.items()},
    }
