"""Strict loading of ImageNet weights into a part of a ResNet.

MMEngine loads with ``strict=False`` and only logs what does not fit, so a ResNet-34 file
leaves a ResNet-18 half loaded. Here everything that the network keeps must be in the file
with the right shape, and what lies past the kept stages is ignored.
"""

import pickle
import re
from collections.abc import Mapping

from mmengine.runner.checkpoint import CheckpointLoader
from mmpose.models.backbones import ResNet
from torch import Tensor

from lfhpe_mmpose.errors import UserError

# What a torchvision ResNet holds; other keys of a file are heads or optimizers.
_RESNET_KEY = re.compile(r'^(conv1|bn1|stem|layer(\d+))\.')


def read_state_dict(
    checkpoint: str, prefix: str | None = None, map_location: str = 'cpu'
) -> dict[str, Tensor]:
    """Read the weights of a checkpoint file.

    Args:
        checkpoint (str): A path, a URL, or one of MMEngine's schemes such as
            ``torchvision://resnet50``.
        prefix (str, optional): Keep the keys that start with it, without it.
        map_location (str): Device of the tensors.

    Raises:
        UserError: If the file is missing, unreadable or holds no weights.
    """
    try:
        content = CheckpointLoader.load_checkpoint(checkpoint, map_location, logger='silent')
    except (OSError, KeyError, EOFError, RuntimeError, pickle.UnpicklingError) as error:
        reason = (str(error).splitlines() or ['no details'])[0]
        raise UserError(
            'weights-unreadable',
            checkpoint,
            f'The checkpoint of init_cfg cannot be read ({type(error).__name__}: {reason}).',
            'Give the path of a file of weights or, with network access, for example '
            'torchvision://resnet50.',
        ) from error
    if isinstance(content, Mapping):
        content = content.get('state_dict', content)
    if not isinstance(content, Mapping) or not content:
        raise UserError('weights-empty', checkpoint, 'The checkpoint of init_cfg has no weights.')
    state = {str(key).removeprefix('module.'): value for key, value in content.items()}
    if prefix:
        prefix = prefix.rstrip('.') + '.'
        state = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
    return state


def load_kept_stages(
    model: ResNet, checkpoint: str, prefix: str | None = None, map_location: str = 'cpu'
) -> None:
    """Load the weights of the stages that ``model`` keeps; see ``read_state_dict``.

    Keys of later stages and of the classifier are ignored. ``num_batches_tracked`` may be
    missing, as in old files.

    Raises:
        UserError: If a kept weight is missing, has another shape, or if a kept stage has
            more blocks in the file.
    """
    state = read_state_dict(checkpoint, prefix, map_location)
    wanted = model.state_dict()
    kept = {key: state[key] for key in wanted if key in state}
    faults = [
        f'{key} is missing'
        for key in wanted
        if key not in kept and not key.endswith('num_batches_tracked')
    ]
    faults += [
        f'{key} has shape {tuple(value.shape)} instead of {tuple(wanted[key].shape)}'
        for key, value in kept.items()
        if tuple(value.shape) != tuple(wanted[key].shape)
    ]
    for key in state:
        match = _RESNET_KEY.match(key)
        if match and key not in wanted and int(match[2] or 0) <= model.num_stages:
            faults.append(f'{key} is not in this network')
    if faults:
        shown = '; '.join(faults[:3]) + (f'; {len(faults) - 3} more' if len(faults) > 3 else '')
        raise UserError(
            'weights-mismatch',
            checkpoint,
            f'The checkpoint of init_cfg does not fit this {type(model).__name__}-{model.depth} '
            f'with {model.num_stages} stages: {shown}.',
            _remedy(model, prefix, state),
        )
    model.load_state_dict(kept, strict=False)


def _remedy(model: ResNet, prefix: str | None, state: Mapping[str, Tensor]) -> str:
    if prefix and not state:
        return (
            f'No key of the file starts with prefix={prefix.rstrip(".")!r}: correct or remove it.'
        )
    stems = [k for k in state if k.endswith('.conv1.weight') and 'layer' not in k]
    if 'conv1.weight' not in state and stems:
        inside = stems[0].removesuffix('conv1.weight')
        return f"The file holds a larger model: add prefix='{inside}' to init_cfg."
    return (
        f'Give the weights of a ResNet-{model.depth} with base_channels={model.base_channels}, '
        "or set the backbone's depth, num_stages and base_channels to those of the file."
    )
