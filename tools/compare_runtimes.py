"""Compare PyTorch with exported models: size, accuracy, equal keypoints, time a person.

python tools/compare_runtimes.py CONFIG ANNOTATIONS IMAGES people.onnx people-int8.onnx ...

All run the same crops, in turns, with one thread, so that their times can be compared on a busy
machine too. With the package openvino each float32 file runs there as well, and with --browser the
int8 file in Chromium, with one and two threads.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

ROUNDS = 30


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config')
    parser.add_argument('annotations', help='COCO file with the truth')
    parser.add_argument('images', help='folder of the images')
    parser.add_argument('files', nargs='+', help='files of lfhpe export')
    parser.add_argument('--weights', help='default: the packaged ones')
    parser.add_argument('--persons', type=int, default=1000)
    parser.add_argument('--browser', type=Path, help='docs/try after `make browser`')
    args = parser.parse_args()

    import torch

    from lfhpe_mmpose.apis import init_model
    from lfhpe_mmpose.models.exportable import ExportablePose
    from lfhpe_mmpose.runtime import OnnxPredictor

    torch.set_num_threads(1)
    predictors = {name: OnnxPredictor(name, threads=1) for name in args.files}
    first = next(iter(predictors.values()))
    crops, places, truth, sides = _crops(args, first)
    model = init_model(args.config, args.weights, 'cpu')
    wrapped = ExportablePose(model, first.about.flip_test).eval()

    def by_torch(batch):
        with torch.no_grad():
            return [v.numpy() for v in wrapped(torch.from_numpy(batch))]

    size = sum(p.numel() * p.element_size() for p in model.parameters()) / 1e6
    runs = {'PyTorch float32': (by_torch, size)}
    for name, predictor in predictors.items():
        about, session = predictor.about, predictor._session
        size = Path(name).stat().st_size / 1e6
        label = f'ONNX Runtime {about.precision}'
        runs[label] = (lambda batch, s=session: s.run(None, {'crops': batch}), size)
        if about.precision == 'float32' and (compiled := _openvino(name)) is not None:
            runs['OpenVINO float32'] = (compiled, size)
        if about.precision == 'int8' and args.browser is not None:
            from tools.browser_runtime import BrowserRuntime

            for threads in (1, 2):
                label = f'browser int8, {threads} thread{"s" * (threads > 1)}'
                runs[label] = (BrowserRuntime(args.browser, name, threads), size)
    found = {name: _all(run, crops) for name, (run, _) in runs.items()}
    right = found['PyTorch float32']
    print('Taking the times; leave the machine alone.', file=sys.stderr, flush=True)
    times = _times({name: run for name, (run, _) in runs.items()}, crops)
    print('| runtime | MB | PCK@0.2 / @0.1 | same keypoints | ms a person, batch 1 | batch 8 |')
    print('|---|---|---|---|---|---|')
    for name, (_, size) in runs.items():
        same = (np.abs(found[name] - right).max(-1) < 0.01).mean()
        pck = ' / '.join(f'{v:.4f}' for v in _pck(found[name], places, truth, sides, first.size))
        cells = []
        for batch in (1, 8):
            mine = times[name][batch]
            ratio = median(a / b for a, b in zip(times['PyTorch float32'][batch], mine))
            cells.append(f'{1000 * median(mine) / batch:.1f} ({ratio:.2f}x)')
        print(f'| {name} | {size:.1f} | {pck} | {100 * same:.1f}% | {" | ".join(cells)} |')


def _crops(args, predictor):
    from lfhpe_mmpose.files.images import read_image
    from lfhpe_mmpose.runtime.crops import cut_out, placement

    data = json.loads(Path(args.annotations).read_text(encoding='utf-8'))
    names = {image['id']: image['file_name'] for image in data['images']}
    persons = data['annotations'][: args.persons]
    crops, places = [], []
    for person in persons:
        x, y, w, h = person['bbox']
        centre, scale = placement([x, y, x + w, y + h], predictor.size, predictor.about.padding)
        image = read_image(Path(args.images) / names[person['image_id']])
        crops.append(cut_out(image, centre, scale, predictor.size))
        places.append((centre, scale))
    truth = np.array([p['keypoints'] for p in persons], dtype=float).reshape(len(persons), -1, 3)
    return np.stack(crops), places, truth, np.array([max(p['bbox'][2:]) for p in persons])


def _openvino(name):
    try:
        import openvino
    except ImportError:
        return None
    core = openvino.Core()
    options = {'INFERENCE_PRECISION_HINT': 'f32', 'INFERENCE_NUM_THREADS': 1}
    compiled = core.compile_model(core.read_model(name), 'CPU', options)
    return lambda batch: list(compiled({'crops': batch}).values())


def _all(run, crops, batch=16):
    return np.concatenate([run(crops[i : i + batch])[0] for i in range(0, len(crops), batch)])


def _pck(found, places, truth, sides, size):
    from lfhpe_mmpose.runtime.crops import to_image

    points = np.stack([to_image(p, *place, size) for p, place in zip(found, places)])
    away = np.hypot(*(points - truth[..., :2]).transpose(2, 0, 1)) / sides[:, None]
    visible = truth[..., 2] > 0
    seen = [k for k in range(truth.shape[1]) if visible[:, k].any()]
    for threshold in (0.2, 0.1):
        yield float(np.mean([(away[:, k][visible[:, k]] <= threshold).mean() for k in seen]))


def _times(runs, crops):
    """Seconds by runtime and batch size; all take turns, so that load hits them alike."""
    times = {name: {1: [], 8: []} for name in runs}
    for number in range(ROUNDS + 3):
        for batch in (1, 8):
            part = crops[(8 * number) % 64 :][:batch]
            for name, run in runs.items():
                start = time.perf_counter()
                run(part)
                spent = getattr(run, 'spent', time.perf_counter() - start)
                if number >= 3:  # the first calls prepare
                    times[name][batch].append(spent)
    return times


if __name__ == '__main__':
    main()
