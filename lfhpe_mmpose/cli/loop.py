"""Ask, train, confirm, train: from person boxes to a model, in one command.

The page of `lfhpe ask` opens first. When the round's share of the answers is given, a model
is trained on them; it then looks at all persons, and the next round asks to confirm what it
found. Ctrl-C stops at any point; the same command continues.

Example:
    lfhpe loop people.json --images photos --out loop --rounds 2 --budget 4000
"""

import argparse

from .options import add_device, positive_int

IF_INTERRUPTED = 'Nothing is lost; the same command continues.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('plan', help='tag file, or folder of `lfhpe plan`')
    parser.add_argument('--images', required=True, help='folder of the images')
    parser.add_argument('--out', required=True, help='folder of the loop')
    parser.add_argument(
        '--rounds', type=positive_int, default=2, help='number of trainings (default: 2)'
    )
    parser.add_argument(
        '--budget', type=positive_int, help='answers of all rounds together (default: 50 a person)'
    )
    parser.add_argument(
        '--start',
        default='packaged',
        help='start of each training, as in `lfhpe new-config` (default: packaged)',
    )
    parser.add_argument(
        '--epochs', type=positive_int, help='epochs of each training (default: by the persons)'
    )
    add_device(parser)
    parser.add_argument(
        '--port', type=int, default=8765, help='port; 0 is a free one (default: 8765)'
    )
    parser.add_argument('--open', action='store_true', help='open the page in the browser')
    parser.add_argument('--seed', type=int, default=0, help='seed of the order (default: 0)')


def run(args: argparse.Namespace) -> None:
    """Do what is left of the loop."""
    from lfhpe_mmpose.annotation.asking.loop import begin_loop, run_lfhpe, run_loop
    from lfhpe_mmpose.annotation.asking.page.serve import serve

    given = {name: getattr(args, name) for name in ('plan', 'images', 'start', 'epochs', 'seed')}
    settings = begin_loop(args.out, given, args.rounds, args.budget)
    print(
        run_loop(
            args.out,
            settings,
            args.device,
            lambda session: serve(session, args.port, args.open, until_over=True),
            run_lfhpe,
        )
    )
