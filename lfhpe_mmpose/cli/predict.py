"""Find keypoints in images or videos, and write them as JSON lines and as pictures.

Without a detector, each image is taken as one person. docs/inference.md and docs/video.md
describe the options and the files.

Example:
    lfhpe predict lfhpe_res18_lspet-128x128_loc0 photos/ --out found.jsonl --draw drawn/
    lfhpe predict people.onnx clip.mp4 --detector persons.onnx --draw drawn.mp4
"""

import argparse

from lfhpe_mmpose.scores import SCORE_THRESHOLD

from .options import add_config, add_detector, add_device, add_weights, positive_int

IF_INTERRUPTED = 'Add --resume to the same command to continue.'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    add_config(parser)
    parser.add_argument(
        'images',
        nargs='+',
        help='images, folders (with their sub-folders), a video, rtsp://..., or a camera (0)',
    )
    add_weights(parser)
    parser.add_argument('--out', help='JSON lines file to write (default: DIR/keypoints.jsonl)')
    parser.add_argument('--resume', action='store_true', help='continue the file --out')
    parser.add_argument(
        '--draw', metavar='DIR|VIDEO', help='write pictures with the keypoints, or a video'
    )
    parser.add_argument(
        '--draw-heatmap', action='store_true', help='add the refined maps below the pictures'
    )
    parser.add_argument(
        '--kpt-thr',
        type=float,
        default=SCORE_THRESHOLD,
        help=f'minimum score of a drawn keypoint (default: {SCORE_THRESHOLD:g})',
    )
    add_detector(parser)
    add_device(parser)
    video = parser.add_argument_group('videos')
    video.add_argument('--smooth', action='store_true', help='smooth the keypoints in time')
    video.add_argument(
        '--rate',
        type=float,
        help='pictures of a folder per second, with --draw VIDEO (default: 25)',
    )
    speed = parser.add_argument_group('speed')
    speed.add_argument(
        '--batch-size', type=positive_int, default=32, help='persons per batch (default: 32)'
    )
    speed.add_argument(
        '--det-batch-size',
        type=positive_int,
        default=8,
        help='images per batch of the detector (default: 8)',
    )
    speed.add_argument(
        '--workers', type=positive_int, default=2, help='decoding threads (default: 2)'
    )
    speed.add_argument(
        '--precision',
        choices=('float32', 'bf16', 'fp16'),
        default='float32',
        help='precision of backbone and neck (default: float32)',
    )
    speed.add_argument(
        '--channels-last', action='store_true', help='use the channels-last memory layout'
    )
    speed.add_argument('--fuse-bn', action='store_true', help='fold the batch norms')
    speed.add_argument('--compile', action='store_true', help='use torch.compile')


def run(args: argparse.Namespace) -> None:
    """Predict."""
    if args.config.endswith('.onnx'):
        from lfhpe_mmpose.runtime.predict import predict_onnx

        _refuse_other_options(args)
        names = (
            *('images', 'out', 'resume', 'draw', 'kpt_thr', 'smooth', 'rate', 'batch_size'),
            *('detector', 'bbox_thr', 'det_batch_size', 'workers'),
        )
        predict_onnx(args.config, **{name: getattr(args, name) for name in names})
        return
    from lfhpe_mmpose.apis.predict_files import predict_files

    predict_files(**vars(args))


def _refuse_other_options(args: argparse.Namespace) -> None:
    """Refuse what an exported model cannot do.

    Raises:
        UserError: 'option'.
    """
    from lfhpe_mmpose.errors import UserError

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    other = ('weights', 'detector_weights', 'draw_heatmap', 'precision', 'compile', 'device')
    for name in (*other, 'channels_last', 'fuse_bn'):
        if getattr(args, name) != parser.get_default(name):
            fault = 'It does not go with an exported model.'
            option = f'--{name.replace("_", "-")}'
            raise UserError('option', option, fault, 'Leave it out, or give a config.')
    if args.detector is not None and not args.detector.endswith('.onnx'):
        fault = 'An exported model needs an exported detector.'
        remedy = 'Write one by `lfhpe export rtmdet-nano --weights FILE --out persons.onnx`.'
        raise UserError('option', '--detector', fault, remedy)
