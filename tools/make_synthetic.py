"""Make a set of synthetic people in COCO's format.

Example::

    python tools/make_synthetic.py data/synthetic --num-train 4000 --num-val 500
"""

import argparse
import sys
import time
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lfhpe_mmpose.datasets.synthetic import KEYPOINT_NAMES, generate_people


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('out_dir', help='folder to write to; made if missing')
    parser.add_argument('--num-train', type=int, default=4000, help='training pictures')
    parser.add_argument('--num-val', type=int, default=500, help='validation pictures')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--keypoints', choices=sorted(KEYPOINT_NAMES), default='lsp')
    parser.add_argument('--image-size', type=int, default=176, help='side in pixels')
    parser.add_argument('--persons-per-image', type=int, default=1)
    parser.add_argument('--back-views', type=float, default=0.06, help='share seen from behind')
    parser.add_argument('--workers', type=int, default=1, help='processes')
    parser.add_argument('--quiet', action='store_true', help='no progress line')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Make the set and say where it is.

    Args:
        argv (list[str], optional): Arguments instead of the command line's. Default: ``None``.

    Returns:
        int: 0, or 2 for a mistake that the user can mend.
    """
    args = parse_args(argv)
    began = time.perf_counter()
    try:
        paths = generate_people(
            args.out_dir,
            args.num_train,
            args.num_val,
            seed=args.seed,
            keypoints=args.keypoints,
            image_size=args.image_size,
            persons_per_image=args.persons_per_image,
            back_views=args.back_views,
            workers=args.workers,
            progress=not args.quiet,
        )
    except (ValueError, OSError) as error:
        print(f'make_synthetic: {error}', file=sys.stderr)
        return 2
    for name, path in paths.items():
        print(f'{name}: {path}')
    print(f'{time.perf_counter() - began:.1f} s')
    return 0


if __name__ == '__main__':
    sys.exit(main())
