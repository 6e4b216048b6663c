"""Turn a run's checkpoint into a small file that loads with weights_only=True.

Publish only checkpoints that you trained: a run's checkpoint may hold Python
objects, and reading those can run code from the file.

Example:
    python tools/publish_model.py work_dirs/demo/epoch_20.pth weights/
"""

import argparse
import sys
from pathlib import Path

# In a checkout the package beside this folder is the one to run.
if (Path(__file__).resolve().parents[1] / 'lfhpe_mmpose' / '__init__.py').is_file():
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lfhpe_mmpose.apis.publish import publish_model
from lfhpe_mmpose.errors import UserError


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('checkpoint', help='the checkpoint of a run; one that you trained')
    parser.add_argument(
        'out', nargs='?', help='file name or folder (default: beside the checkpoint)'
    )
    parser.add_argument('--half', action='store_true', help='store weights as float16')
    parser.add_argument(
        '--no-ema', action='store_true', help='take the last weights, not their running average'
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Publish; return the exit status."""
    args = parse_args(argv)
    try:
        path = publish_model(args.checkpoint, args.out, half=args.half, ema=not args.no_ema)
    except UserError as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    before = Path(args.checkpoint).stat().st_size
    print(f'{path}: {path.stat().st_size / 1e6:.1f} MB (the checkpoint has {before / 1e6:.1f} MB)')
    print('It loads with torch.load(..., weights_only=True).')
    return 0


if __name__ == '__main__':
    sys.exit(main())
