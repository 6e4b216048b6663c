"""Check a tag file, or a COCO keypoint file, before training.

Exit status: 0 without errors (there may be warnings), 1 with errors, 2 for wrong usage.
"""

import argparse
import gc
from pathlib import Path

from .options import add_occluded


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('file', help='tag file, or COCO keypoint file')
    parser.add_argument('--images', metavar='DIR', help='image folder; its files are checked')
    parser.add_argument(
        '--image-seconds',
        type=float,
        default=20.0,
        metavar='S',
        help='time for opening images, a sample of all; inf: open all (default: 20)',
    )
    parser.add_argument(
        '--no-decode', action='store_true', help='look whether images exist, open none'
    )
    parser.add_argument(
        '--metainfo',
        metavar='NAME_OR_FILE',
        help='data set class of MMPose (CocoDataset), or metainfo file, to compare with',
    )
    add_occluded(parser)
    parser.add_argument(
        '--against',
        nargs='+',
        default=[],
        metavar='FILE',
        help='files (validation, test) that must not share an image with this one',
    )
    parser.add_argument(
        '--against-images',
        nargs='+',
        default=[],
        metavar='DIR',
        help='their image folders, one each or one for all (default: that of --images)',
    )
    parser.add_argument(
        '--same-bytes', action='store_true', help='compare those images byte by byte, too'
    )
    parser.add_argument('--report', metavar='JSON', help='file to write for programs')
    parser.add_argument('--picture', metavar='PNG', help='histogram of the tags to draw')
    parser.add_argument(
        '--ignore', nargs='+', default=[], metavar='CODE', help='kinds of faults to pass over'
    )
    parser.add_argument('--strict', action='store_true', help='warnings are errors')
    parser.add_argument(
        '--max-shown', type=int, default=5, metavar='N', help='entries of each kind (default: 5)'
    )
    parser.add_argument(
        '--quiet', action='store_true', help='no progress bar, and only the last line'
    )


def run(args: argparse.Namespace) -> None:
    """Check the file, tell and write what was found."""
    from lfhpe_mmpose.annotation.check import (
        CheckOptions,
        check_outputs,
        check_tag_file,
        draw_tags,
    )

    check_outputs([args.file, *args.against], args.report, args.picture)
    # Millions of entries come and go; garbage collection need not look through the imports.
    gc.freeze()
    options = CheckOptions(
        images=args.images,
        image_seconds=0.0 if args.no_decode else args.image_seconds,
        metainfo=args.metainfo,
        occluded=args.occluded,
        against=args.against,
        against_images=args.against_images,
        same_bytes=args.same_bytes,
        ignore=args.ignore,
        max_shown=args.max_shown,
        quiet=args.quiet,
    )
    report = check_tag_file(args.file, options)
    text = report.text()
    print(text.splitlines()[-1] if args.quiet else text)
    if args.report:
        report.save(args.report)
    if args.picture:
        if any(s['keypoints'] for s in report.keypoint_sets):
            draw_tags(report.keypoint_sets, args.picture, Path(args.file).name)
        else:
            print(f'{args.picture}: not drawn, no tags were read.')
    if report.status(args.strict):
        raise SystemExit(1)
