"""Frames a second, numbers and memory of predictions in a video of two people who pass each other.

python tools/measure_video.py people.onnx persons.onnx --coco coco_mini --frames 1000 \
    --detector-weights rtmdet_nano_person.pth

The video is made of photographs of COCO. Each way runs in a process of its own with one thread,
in turn, --rounds times.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

CONFIG = 'lfhpe_res18_lspet-128x128_loc0'
DETECTOR = 'rtmdet_nano_320-8xb32_coco-person'


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('model', help='file of lfhpe export, of the packaged model of people')
    parser.add_argument('detector', help='file of lfhpe export rtmdet-nano')
    parser.add_argument('--coco', type=Path, required=True, help='folder of the COCO sample')
    parser.add_argument('--detector-weights', help='adds PyTorch and MMPose, if given')
    parser.add_argument('--frames', type=int, default=1000)
    parser.add_argument('--rounds', type=int, default=1)
    args = parser.parse_args()
    from lfhpe_mmpose.runtime.video.clip import Clip
    from tests.runtime.video.walkers import walk

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with Clip(folder / 'walk.mp4', 25) as clip:
            for i, picture in enumerate(walk(args.coco, args.frames)):
                clip.write(picture, i / 25)
        ways = _ways(args)
        rows: dict[str, list[tuple[float, float, str]]] = {name: [] for name in ways}
        for _ in range(args.rounds):
            for name, words in ways.items():
                rows[name].append(_run(words, folder, args.frames))
    print('| way | frames/s | ratio | numbers | peak memory, MB |')
    print('|---|---|---|---|---|')
    first = next(iter(rows))
    for name, found in rows.items():
        rate = median(frames for frames, _, _ in found)
        ratio = median(a[0] / b[0] for a, b in zip(found, rows[first]))
        memory = max(megabytes for _, megabytes, _ in found)
        print(f'| {name} | {rate:.1f} | {ratio:.2f} | {found[0][2]} | {memory:.0f} |')


def _ways(args):
    lfhpe = [sys.executable, '-W', 'ignore', '-m', 'lfhpe_mmpose', 'predict']
    model, detector = os.path.abspath(args.model), os.path.abspath(args.detector)
    exported = [*lfhpe, model, 'walk.mp4', '--detector', detector]
    one = ['--batch-size', '1', '--det-batch-size', '1']
    ways = {
        'exported, one frame a call': [*exported, *one],
        'exported': exported,
        'exported, drawn and smoothed': [*exported, '--draw', 'drawn.mp4', '--smooth'],
    }
    if args.detector_weights is not None:
        weights = os.path.abspath(args.detector_weights)
        torch = [*lfhpe, CONFIG, 'walk.mp4', '--detector', 'rtmdet-nano']
        ways['PyTorch'] = [*torch, '--detector-weights', weights]
        ways["MMPose's inferencer"] = [sys.executable, '-W', 'ignore', '-c', _MMPOSE, weights]
    return ways


_MMPOSE = f"""
import sys
import torch
from mmpose.apis import MMPoseInferencer
from lfhpe_mmpose.apis import find_config, find_weights
from lfhpe_mmpose.apis.person_detector import find_detector_config
torch.set_num_threads(1)
inferencer = MMPoseInferencer(find_config('{CONFIG}'), find_weights('{CONFIG}'), device='cpu',
    det_model=find_detector_config('{DETECTOR}'), det_weights=sys.argv[1], det_cat_ids=[0])
for _ in inferencer('walk.mp4'):
    pass
"""


def _run(words, folder, frames):
    """Frames a second, peak memory in MB, and how many numbers were given."""
    lines = folder / 'found.jsonl'
    lines.unlink(missing_ok=True)
    if 'predict' in words:
        words = [*words, '--out', str(lines)]
    root = Path(__file__).resolve().parents[1]
    env = {**os.environ, 'OMP_NUM_THREADS': '1', 'PYTHONPATH': str(root)}
    start = time.perf_counter()
    process = subprocess.Popen(
        words, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        sys.exit(said[-2000:])
    numbers = {
        person['track_id']
        for line in (lines.read_text().splitlines()[1:-1] if lines.exists() else ())
        for person in json.loads(line)['instances']
    }
    return (
        frames / seconds,
        used.ru_maxrss / 1024,
        str(len(numbers - {None})) if numbers else 'none',
    )


if __name__ == '__main__':
    main()
