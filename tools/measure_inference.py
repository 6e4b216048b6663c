"""Measure inference of many images: its memory in a warm loop, and its gain over single images.

`memory` calls a predictor again and again, as a server would, and reads the process's resident
memory (Linux). `speed` runs all ways once a round, one after the other, so that a busy machine
is fair to all; the ratios are of one round each. See docs/inference.md.

Example:
    python tools/measure_inference.py memory lfhpe_res18_lspet-128x128_loc0 data/lspet/images
    python tools/measure_inference.py speed lfhpe_res18_lspet-128x128_loc0 data/coco/val2017 \
        --det-config rtmdet_nano_320-8xb32_coco-person --det-weights rtmdet_nano.pth
"""

import argparse
import itertools
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from tqdm import tqdm

from lfhpe_mmpose.apis import PosePredictor, infer_persons, make_inferencer
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.images import find_images, read_image


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('what', choices=('memory', 'speed'))
    parser.add_argument('config', help="a config file, or a packaged config's short name")
    parser.add_argument('images', help='folder of images; taken again when they are used up')
    parser.add_argument('--weights', help='(default: the one that comes with the package)')
    parser.add_argument('--det-config', help="a detector's config, or the name of one of MMPose's")
    parser.add_argument('--det-weights', help="the detector's weights")
    parser.add_argument('--device', help="'cpu', 'cuda:0' (default: a GPU if there is one)")
    parser.add_argument('--count', type=int, help='images (default: 10000; speed: 32)')
    parser.add_argument('--every', type=int, default=500, help='memory: images between readings')
    parser.add_argument('--call', type=int, default=50, help='memory: images a call (default: 50)')
    parser.add_argument('--rounds', type=int, default=5, help='speed: rounds (default: 5)')
    parser.add_argument(
        '--batch-sizes',
        type=int,
        nargs='+',
        default=[1, 4, 8, 16, 32],
        help='persons; memory takes the last (default: 1 4 8 16 32)',
    )
    parser.add_argument('--out', help='file of JSON to write')
    return parser.parse_args(argv)


def resident() -> float:
    """Memory that this process holds.

    Returns:
        float: MiB.
    """
    with open('/proc/self/statm') as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGESIZE') / 2**20


def measure_memory(predictor: PosePredictor, files: list[str], args: argparse.Namespace) -> dict:
    """Call a predictor until all images were looked at.

    Args:
        predictor (PosePredictor): Warm or not.
        files (list[str]): Images.
        args (argparse.Namespace): The command line.

    Returns:
        dict: ``readings``, pairs (images, MiB); figures of those after the first tenth.
    """
    source = itertools.cycle(files)
    readings: list[tuple[int, float]] = []
    persons = done = 0
    start = time.perf_counter()
    with tqdm(total=args.count, unit='image') as bar:
        while done < args.count:
            size = min(args.call, args.count - done)
            for result in predictor(itertools.islice(source, size)):
                persons += len(result.persons)
            done += size
            bar.update(size)
            if done // args.every > (done - size) // args.every:
                readings.append((done, round(resident(), 1)))
    seconds = time.perf_counter() - start
    warm = np.array([r for r in readings if r[0] > args.count / 10])
    return dict(
        images=done,
        persons=persons,
        images_per_second=round(done / seconds, 2),
        threads=threading.active_count(),
        first_mib=warm[0, 1],
        last_mib=warm[-1, 1],
        max_mib=warm[:, 1].max(),
        slope_mib_per_1000=round(1000 * float(np.polyfit(*warm.T, 1)[0]), 3),
        readings=readings,
    )


def ways_of(files: list[str], args: argparse.Namespace) -> dict[str, Callable[[], int]]:
    """The ways to look at images; each returns the number of persons.

    Args:
        files (list[str]): Images.
        args (argparse.Namespace): The command line.

    Returns:
        dict[str, Callable[[], int]]: By name. The first two take one image at a time.
    """
    detector = (args.det_config, args.det_weights)
    inferencer = make_inferencer(args.config, args.weights, *detector, args.device)
    predictors = {
        size: PosePredictor(
            args.config,
            args.weights,
            *detector,
            args.device,
            batch_size=size,
            det_batch_size=min(size, 8),
        )
        for size in args.batch_sizes
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


def measure_speed(ways: dict[str, Callable[[], int]], images: int, rounds: int) -> dict:
    """Run all ways once a round, in turn.

    Args:
        ways (dict[str, Callable[[], int]]): From :func:`ways_of`.
        images (int): Images that each looks at.
        rounds (int): Rounds, after one that does not count.

    Returns:
        dict: By way: images/s (median), its ratio to the second way (median, least, most).
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


def measure(args: argparse.Namespace) -> dict:
    """Measure what was asked for.

    Args:
        args (argparse.Namespace): The command line.

    Returns:
        dict: The figures.
    """
    files = [str(Path(args.images) / name) for name in find_images(args.images)]
    if args.what == 'speed':
        files = list(itertools.islice(itertools.cycle(files), args.count or 32))
        return measure_speed(ways_of(files, args), len(files), args.rounds)
    args.count = args.count or 10000
    if args.count < 3 * args.every:
        raise UserError(f'--count {args.count}: give at least three times --every {args.every}.')
    predictor = PosePredictor(
        args.config,
        args.weights,
        args.det_config,
        args.det_weights,
        args.device,
        batch_size=args.batch_sizes[-1],
    )
    return measure_memory(predictor, files, args)


def main(argv: list[str] | None = None) -> int:
    """Run; return the exit status."""
    args = parse_args(argv)
    try:
        figures = measure(args)
    except UserError as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    print(json.dumps(figures, indent=1))
    if args.out:
        Path(args.out).write_text(json.dumps(figures, indent=1) + '\n', encoding='utf-8')
    return 0


if __name__ == '__main__':
    sys.exit(main())
