"""Options that several commands share, with one name, default and text each."""

import argparse
from collections.abc import Sequence
from typing import Any

OCCLUDED = ('positive', 'negative', 'unknown')


class CfgOptions(argparse.Action):
    """MMEngine's ``DictAction``, imported only if the option is given."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Read ``key=value`` pairs, as MMPose's tools do."""
        from mmengine.config import DictAction

        try:
            DictAction(self.option_strings, self.dest)(parser, namespace, values, option_string)
        except (ValueError, AssertionError, SyntaxError):
            parser.error(f'{option_string}: write each change as key=value')


def positive_int(text: str) -> int:
    """A whole number from 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f'{text} is below 1')
    return value


def add_config(parser: argparse.ArgumentParser) -> None:
    """``CONFIG``: the first argument of every command that needs one."""
    parser.add_argument('config', help='config file, or the short name of a packaged config')


def add_cfg_options(parser: argparse.ArgumentParser) -> None:
    """``--cfg-options``."""
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=CfgOptions,
        metavar='KEY=VALUE',
        help='change entries of the config: key=value, a.b=value, list.0.a=value, key="[1,2]"',
    )


def add_weights(parser: argparse.ArgumentParser) -> None:
    """``--weights`` of an optional model."""
    parser.add_argument(
        '--weights',
        help='weights file, or a checkpoint of `lfhpe train` (default: the packaged weights of '
        'the config)',
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    """``--device``."""
    parser.add_argument('--device', help="'cpu' or 'cuda:0' (default: a GPU if there is one)")


def add_detector(
    parser: argparse.ArgumentParser, group: argparse._MutuallyExclusiveGroup | None = None
) -> None:
    """``--detector`` (in a group if given), ``--detector-weights`` and ``--bbox-thr``."""
    (group or parser).add_argument(
        '--detector',
        metavar='NAME',
        help="rtmdet-nano, rtmdet-m, or an MMDet config: a path, or a name from MMPose's demo; an "
        'ONNX file for an ONNX model',
    )
    parser.add_argument('--detector-weights', metavar='FILE', help='weights file of the detector')
    parser.add_argument(
        '--bbox-thr', type=float, default=0.3, help='minimum score of a box (default: 0.3)'
    )


def add_occluded(parser: Any, default: str | None = 'positive') -> None:
    """``--occluded``."""
    parser.add_argument(
        '--occluded',
        choices=OCCLUDED,
        default=default,
        help='tag of an occluded keypoint, visibility 1 (default: positive)',
    )


def add_views(parser: Any, default: int | None = 1) -> None:
    """``--views``, ``--view-seed`` and ``--no-whole-person`` for simulated views."""
    parser.add_argument(
        '--views', type=positive_int, default=default, help='views per tagged person (default: 1)'
    )
    parser.add_argument(
        '--view-seed',
        type=int,
        default=None if default is None else 0,
        help='seed of the views (default: 0)',
    )
    parser.add_argument(
        '--no-whole-person',
        dest='whole_person',
        action='store_false',
        default=None if default is None else True,
        help='all views are sub-crops; the whole person has no tags',
    )


def add_show(parser: argparse.ArgumentParser) -> None:
    """Options of MMPose's visualization hook."""
    parser.add_argument('--show-dir', help='folder for pictures of the predictions')
    parser.add_argument('--show', action='store_true', help='show the pictures in a window')
    parser.add_argument('--interval', type=int, default=1, help='draw every N-th sample')
    parser.add_argument(
        '--wait-time', type=float, default=1, help='seconds for which a picture is shown'
    )


def add_launcher(parser: argparse.ArgumentParser) -> None:
    """What `mim`, `torchrun` and Slurm pass, and ``--skip-checks``."""
    parser.add_argument(
        '--skip-checks', action='store_true', help='do not check data and weights before the run'
    )
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='job launcher',
    )
    # torch.distributed.launch passes it.
    parser.add_argument(
        '--local_rank', '--local-rank', type=int, default=0, help='set by the launcher'
    )


def add_metainfo(parser: argparse.ArgumentParser) -> None:
    """``--swap`` and ``--limbs``: what the names and the file do not state."""
    parser.add_argument(
        '--swap',
        nargs='+',
        default=[],
        metavar='LEFT=RIGHT',
        help='flip pairs that the names do not show; NAME=NAME: no partner',
    )
    parser.add_argument(
        '--limbs',
        nargs='+',
        default=[],
        metavar='A=B',
        help='limbs to add to the skeleton of the file',
    )
