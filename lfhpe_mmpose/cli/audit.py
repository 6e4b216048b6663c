"""List the labels that a trained model contradicts, with pictures.

OUT contains index.html with the most certain suspects and suspects.csv with all: exchanged
sides, single answers, locations, boxes that cut a person. docs/audit.md says how far to trust it.

Example:
    lfhpe audit my/config.py tags.json --weights run/epoch_100.pth --images photos --out audit
"""

import argparse

from .options import add_config, add_device, add_weights, positive_int

IF_INTERRUPTED = 'The same command starts again.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_config(parser)
    parser.add_argument('file', help='tag file or COCO file to audit')
    add_weights(parser)
    parser.add_argument('--images', help='folder of the images (default: beside the file)')
    parser.add_argument('--out', required=True, help='folder to write')
    parser.add_argument(
        '--shown', type=positive_int, default=100, help='suspects with pictures (default: 100)'
    )
    parser.add_argument(
        '--tags-only', action='store_true', help='audit the tags, and read no coordinate'
    )
    add_device(parser)


def run(args: argparse.Namespace) -> None:
    """Audit, and print what was found."""
    from pathlib import Path

    from lfhpe_mmpose.annotation.audit.audit import audit_file
    from lfhpe_mmpose.annotation.audit.report import write_report

    out = Path(args.out)
    audit = audit_file(
        args.config, args.weights, args.file, args.images, out, args.device, args.tags_only
    )
    print(write_report(audit, out, args.shown))
