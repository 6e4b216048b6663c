"""Write a trained model as an ONNX file, which needs neither PyTorch nor MMPose.

`lfhpe predict model.onnx` and `OnnxPredictor` use it. The file is compared with PyTorch before it
gets its name. docs/export.md describes its inputs and outputs. A person detector of MMDet, such
as rtmdet-nano, exports as well, for `lfhpe predict model.onnx --detector detector.onnx`.

Example:
    lfhpe export lfhpe_res18_lspet-128x128_loc0 --out people.onnx
    lfhpe export rtmdet-nano --weights rtmdet_nano_person.pth --out detector.onnx
"""

import argparse

from .options import add_config, add_weights


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_config(parser)
    add_weights(parser)
    parser.add_argument('--out', required=True, help='ONNX file to write')
    parser.add_argument(
        '--precision',
        choices=('float32', 'fp16', 'int8'),
        default='float32',
        help='of the weights; fp16 halves the file, int8 quarters it (default: float32)',
    )
    parser.add_argument(
        '--flip-test',
        action='store_true',
        help='average with the mirror image: twice the time, a little better',
    )
    parser.add_argument(
        '--maps', action='store_true', help='give heatmaps and activation maps as well'
    )
    parser.add_argument(
        '--input-size',
        type=int,
        nargs=2,
        metavar=('WIDTH', 'HEIGHT'),
        help='size of a crop in pixels (default: that of the config)',
    )


def run(args: argparse.Namespace) -> None:
    """Export, and print how far the file is from PyTorch."""
    from pathlib import Path

    from lfhpe_mmpose.apis.person_detector import is_detector

    lines = _detector(args) if is_detector(args.config) else _pose_model(args)
    for line in lines:
        print(line)
    print(f'{args.out}: {Path(args.out).stat().st_size / 1e6:.1f} MB')


def _pose_model(args: argparse.Namespace) -> list[str]:
    from lfhpe_mmpose.apis import init_model
    from lfhpe_mmpose.apis.export_onnx import export_onnx

    model = init_model(args.config, args.weights, 'cpu')
    size = None if args.input_size is None else tuple(args.input_size)
    return export_onnx(model, args.out, args.precision, args.flip_test, args.maps, size)


def _detector(args: argparse.Namespace) -> list[str]:
    from lfhpe_mmpose.apis.export_detector import export_detector
    from lfhpe_mmpose.errors import UserError

    chosen = dict(flip_test=args.flip_test, maps=args.maps, input_size=args.input_size)
    chosen['precision'] = args.precision != 'float32'
    for name, value in chosen.items():
        if value:
            fault = 'It does not go with a detector.'
            raise UserError('option', f'--{name.replace("_", "-")}', fault, 'Leave it out.')
    if args.weights is None:
        fault = 'A detector needs both its config and its weights.'
        raise UserError('detector-weights', '--weights', fault)
    return export_detector(args.config, args.weights, args.out)
