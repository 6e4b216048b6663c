"""What few tagged pictures reach; docs/results/small.md has the results.

python tools/studies/small.py animalpose/annotations/animalpose_train.json animalpose/images \
    --val animalpose/annotations/animalpose_val.json --pictures 150 --seed 0 --work-dir small \
    --measure lfhpe_res18_animalpose-128x128_loc0 --start lfhpe_res18_lspet-128x128_loc0

Labels of so many persons, the config of `lfhpe new-config`, a training, and the test of the whole
data set's config, which has the same network. A line is added to WORK_DIR/rows.csv. The same
persons are taken for every start and seed, and smaller sets are parts of larger ones. The labels
are tags of four random views, of the whole person and three or six windows that tools/studies/
asking_tags.py chooses, or the locations.
"""

import argparse
import csv
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lfhpe_mmpose.annotation.new_config import new_config
from lfhpe_mmpose.annotation.withhold import withhold
from lfhpe_mmpose.tags import load_tag_file
from lfhpe_mmpose.tags.located import person_hash

WINDOWS = dict(windows3=3, windows6=6)
METRICS = ('PCK@0.2', 'PCK@0.1', 'swap_rate', 'category/mAP')


def main() -> None:
    """Train and measure once."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('truth', help='COCO file of the training persons')
    parser.add_argument('images', help='folder of the images')
    parser.add_argument('--val', required=True, help='COCO file that is measured on')
    parser.add_argument('--measure', required=True, help='config whose test is run')
    parser.add_argument('--start', required=True, help='as for lfhpe new-config')
    parser.add_argument('--pictures', type=int, required=True)
    parser.add_argument('--labels', choices=('views', *WINDOWS, 'locations'), default='views')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--work-dir', type=Path, required=True)
    args = parser.parse_args()
    name = f'{args.pictures}-{args.labels}-{Path(args.start).stem}-{args.seed}'
    folder = args.work_dir / name
    folder.mkdir(parents=True)
    label(args, folder / 'few.json')
    print(
        new_config(
            str(folder / 'few.json'), args.images, str(folder / 'my'), args.val, start=args.start
        )
    )
    start = time.perf_counter()
    train = ['train', str(folder / 'my' / 'config.py'), '--work-dir', str(folder / 'run')]
    call([*train, '--cfg-options', f'randomness.seed={args.seed}'])
    minutes = (time.perf_counter() - start) / 60
    weights = (folder / 'run' / 'last_checkpoint').read_text()
    said = call(['test', args.measure, weights])
    found = [re.search(rf'{re.escape(name)}: ([\d.]+)', said).group(1) for name in METRICS]
    row = [
        args.measure,
        args.pictures,
        Path(args.start).stem,
        args.labels,
        args.seed,
        *found,
        round(minutes, 1),
    ]
    with open(args.work_dir / 'rows.csv', 'a', newline='') as file:
        csv.writer(file).writerow(row)
    print(*row)


def label(args, out):
    """Write a tag file of the first persons by their hash."""
    tags = load_tag_file(args.truth)
    if args.labels == 'views':
        tags = withhold(tags, views=4)
    order = sorted(tags.annotations, key=lambda a: person_hash(0, a['image_id'], a['id'], 'small'))
    tags.annotations = order[: args.pictures]
    used = {a['image_id'] for a in tags.annotations}
    tags.images = [image for image in tags.images if image['id'] in used]
    tags.save(str(out))
    if args.labels in WINDOWS:
        ask = ['--ask', 'whole', *['window'] * WINDOWS[args.labels], '--out', str(out)]
        script = Path(__file__).with_name('asking_tags.py')
        subprocess.run([sys.executable, str(script), str(out), args.images, *ask], check=True)


def call(words):
    """Run a command of the package, and return what it says."""
    command = [sys.executable, '-m', 'lfhpe_mmpose', *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(done.stdout[-3000:])
    return done.stdout


if __name__ == '__main__':
    main()
