"""Check a tag file, or a COCO keypoint file, before training.

Exit status: 0 without errors (warnings are possible), 1 with errors, 2 for wrong usage.
"""

import argparse
import gc
from pathlib import Path

from .options import add_occluded


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument('file', help='tag file, or COCO keypoint file')
    parser.add_argument(
        '--images', metavar='DIR', help='image folder; check that its files exist and can be read'
    )
    parser.add_argument(
        '--image-seconds',
        type=float,
        default=20.0,
        metavar='S',
        help='time for opening a random sample of the images; inf: open all (default: 20)',
    )
    parser.add_argument(
        '--no-decode', action='store_true', help='check that images exist, but open none'
    )
    parser.add_argument(
        '--metainfo',
        metavar='NAME_OR_FILE',
        help='compare with a data set class of MMPose (CocoDataset) or a metainfo file',
    )
    add_occluded(parser)
    parser.add_argument(
        '--against',
        nargs='+',
        default=[],
        metavar='FILE',
        help='other files (validation, test) that must not share images with this one',
    )
    parser.add_argument(
        '--against-images',
        nargs='+',
        default=[],
        metavar='DIR',
        help='image folders of --against, one for each file or one for all (default: --images)',
    )
    parser.add_argument(
        '--same-bytes', action='store_true', help='also compare the image files byte by byte'
    )
    parser.add_argument('--report', metavar='JSON', help='write the findings as JSON')
    parser.add_argument('--picture', metavar='PNG', help='draw a histogram of the tags')
    parser.add_argument(
        '--ignore', nargs='+', default=[], metavar='CODE', help='codes of findings to ignore'
    )
    parser.add_argument('--strict', action='store_true', help='treat warnings as errors')
    parser.add_argument(
        '--max-shown',
        type=int,
        default=5,
        metavar='N',
        help='entries shown of each kind (default: 5)',
    )
    parser.add_argument(
        '--quiet', action='store_true', help='print only the last line, and no progress bar'
    )


def run(args: argparse.Namespace) -> None:
    """Check the file, and print and write the findings."""
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
