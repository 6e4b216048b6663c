"""Strict loading of ImageNet weights into a part of a ResNet.

MMEngine loads with ``strict=False`` and only logs what did not fit, so a ResNet-34
file in a ResNet-18 leaves a half-loaded network. Here everything that the network
keeps must be in the file, with the right shape, and what lies past the kept stages
is left out without a word.
"""

import pickle
import re
from collections.abc import Mapping

from mmengine.runner.checkpoint import CheckpointLoader
from mmpose.models.backbones import ResNet
from torch import Tensor

from lfhpe_mmpose.errors import UserError

# What a torchvision ResNet holds; other keys of a file (heads, optimizers) are not ours.
_RESNET_KEY = re.compile(r'^(conv1|bn1|stem|layer(\d+))\.')


def read_state_dict(
    checkpoint: str, prefix: str | None = None, map_location: str = 'cpu'
) -> dict[str, Tensor]:
    """Read the weights of a checkpoint file.

    Args:
        checkpoint (str): A path, a URL, or ``torchvision://resnet50`` and the other
            schemes of MMEngine.
        prefix (str, optional): Keep the keys that start with it, without it.
        map_location (str): Device of the tensors.

    Returns:
        dict[str, Tensor]: The state dict.

    Raises:
        UserError: If the file is missing, unreadable or holds no weights.
    """
    try:
        content = CheckpointLoader.load_checkpoint(checkpoint, map_location, logger='silent')
    except (OSError, KeyError, EOFError, RuntimeError, pickle.UnpicklingError) as error:
        reason = (str(error).splitlines() or ['no details'])[0]
        raise UserError(
            f'init_cfg: the checkpoint {checkpoint} cannot be read ({type(error).__name__}: '
            f'{reason}). Give the path of a file of weights, or for instance '
            'torchvision://resnet50 where there is a network.'
        ) from error
    if isinstance(content, Mapping):
        content = content.get('state_dict', content)
    if not isinstance(content, Mapping) or not content:
        raise UserError(f'init_cfg: the checkpoint {checkpoint} holds no weights (no state_dict).')
    state = {str(key).removeprefix('module.'): value for key, value in content.items()}
    if prefix:
        prefix = prefix.rstrip('.') + '.'
        state = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
    return state


def load_kept_stages(model: ResNet, checkpoint: str, prefix=None, map_location='cpu') -> None:
    """Load the weights of the stages that ``model`` keeps.

    Keys of later stages and of the classifier are ignored. Missing
    ``num_batches_tracked`` counters are allowed, since old files have none.

    Args:
        model (ResNet): A ResNet with torchvision's names and ``num_stages``.
        checkpoint (str): See :func:`read_state_dict`.
        prefix (str, optional): See :func:`read_state_dict`.
        map_location (str): Device of the tensors.

    Raises:
        UserError: If the checkpoint lacks a kept weight, has one of another shape, or
            has more blocks in a kept stage (it is of another depth).
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
        f'{key} has shape {tuple(value.shape)}, wanted {tuple(wanted[key].shape)}'
        for key, value in kept.items()
        if tuple(value.shape) != tuple(wanted[key].shape)
    ]
    for key in state:
        match = _RESNET_KEY.match(key)
        if match and key not in wanted and int(match[2] or 0) <= model.num_stages:
            faults.append(f'{key} has no place in this network')
    if faults:
        raise UserError(_explain(model, checkpoint, prefix, state, faults))
    model.load_state_dict(kept, strict=False)


def _explain(model: ResNet, checkpoint: str, prefix, state: dict, faults: list[str]) -> str:
    """Say what does not fit, and what to change."""
    shown = '; '.join(faults[:3]) + (f'; and {len(faults) - 3} more' if len(faults) > 3 else '')
    remedy = (
        f'Give the weights of a ResNet-{model.depth} with base_channels={model.base_channels}, '
        "or change the backbone's depth, num_stages or base_channels to those of the file."
    )
    inside = next((k for k in state if k.endswith('.conv1.weight') and 'layer' not in k), None)
    if 'conv1.weight' not in state and inside is not None:
        remedy = (
            'The file holds a larger model: add prefix='
            f"'{inside.removesuffix('conv1.weight')}' to init_cfg."
        )
    elif prefix and not state:
        remedy = f'No key of the file starts with prefix={prefix!r}: correct or drop it.'
    return (
        f'init_cfg: the checkpoint {checkpoint} does not fit this {type(model).__name__}-'
        f'{model.depth} of {model.num_stages} stages: {shown}. {remedy}'
    )
