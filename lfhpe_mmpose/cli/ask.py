"""Ask an annotator in a browser, and write the answers as a tag file.

PLAN is a tag file with persons to ask about, or the folder of `lfhpe plan`. The command serves
a page on this machine alone. It asks the pictures that are expected to tell most per second, saves
each answer at once, and continues where it stopped.
"""

import argparse

from .options import add_device

IF_INTERRUPTED = 'The answers are saved; the same command continues.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('plan', help='tag file, or folder of `lfhpe plan`')
    parser.add_argument('--images', help='folder of the images (default: beside the file)')
    parser.add_argument(
        '--journal', help='file of the answers (default: answers.jsonl in the folder of the plan)'
    )
    parser.add_argument(
        '--model', help='config of a model; its places are asked to confirm (default: no model)'
    )
    parser.add_argument('--weights', help='its weights (default: the packaged ones)')
    add_device(parser)
    parser.add_argument('--export', help='write the answers so far to this tag file, and stop')
    parser.add_argument(
        '--port', type=int, default=8765, help='port; 0 is a free one (default: 8765)'
    )
    parser.add_argument('--open', action='store_true', help='open the page in the browser')
    parser.add_argument('--seed', type=int, default=0, help='seed of the order (default: 0)')


def run(args: argparse.Namespace) -> None:
    """Serve the page, or export."""
    from pathlib import Path

    from lfhpe_mmpose.annotation.asking import AskSession
    from lfhpe_mmpose.annotation.asking.maps import model_maps
    from lfhpe_mmpose.annotation.asking.page.serve import serve
    from lfhpe_mmpose.annotation.asking.snapshot import export_now

    plan = Path(args.plan)
    folder = plan if plan.is_dir() else plan.parent
    journal = args.journal or folder / 'answers.jsonl'
    if args.export:
        done = export_now(plan, journal, args.export, args.images)
        print(f'{done["questions"]} pictures, {done["answers"]} answers: {args.export}')
        print(f'Next: lfhpe check {args.export}')
        return
    maps = None
    if args.model:
        maps = model_maps(args.model, args.weights, args.device, plan, journal, args.images)
    with AskSession(plan, journal, maps, args.seed, images=args.images) as session:
        for remark in session.plan.remarks:
            print(remark)
        print(f'{len(session.plan.persons)} persons; answers: {journal}', flush=True)
        serve(session, args.port, args.open)
