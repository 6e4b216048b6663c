"""What ``lfhpe new-config`` does: fill in the config for a user's own tags."""

import ast
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.files.writing import write_bytes, write_text
from lfhpe_mmpose.launch.packaged import find_config, find_weights, list_weights
from lfhpe_mmpose.tags import TagFile, load_tag_file

from .edit import count_located, split_by_fraction
from .metainfo_file import MetainfoOptions, metainfo_file

TEMPLATE = 'custom_tags-128x128'
START = 'lfhpe_res18_lspet-128x128_loc0'
# Fewer persons get more epochs, and many persons at least ten. With 150 persons 800 steps were
# worse than 400 (docs/results/small.md).
_STEPS, _EPOCHS = 400, (10, 400)
_WARMUP = 100
_FIRST, _LAST = '# Values to change.\n', '# End of the values.\n'


def new_config(
    path: str,
    images: str,
    out: str,
    val: str | None = None,
    val_fraction: float = 0.1,
    start: str = 'packaged',
    epochs: int | None = None,
    metainfo: MetainfoOptions | None = None,
) -> str:
    """Write ``config.py``, ``keypoints.py``, ``train.json`` and ``val.json`` into a folder.

    The config names the other files relative to itself, so the folder can be moved together with
    the images.

    Args:
        path: Tag file to train on.
        images: Folder of the images.
        out: The folder; it must not contain a config.
        val: Tag file to validate on. Defaults to a part of ``path``.
        val_fraction: That part of the images.
        start: 'packaged' (people), a packaged model, 'imagenet', 'none' or a file of ImageNet
            weights.
        epochs: Defaults to a number that suits the number of persons.
        metainfo: Limbs and flip pairs that the file does not tell.

    Returns:
        What was written, and the next command.

    Raises:
        UserError: If a file cannot be used, or the folder has a config already.
    """
    folder = Path(out)
    config = folder / 'config.py'
    if config.exists():
        raise UserError(
            'output-exists', str(config), 'The config exists already.', 'Give another --out.'
        )
    if not Path(images).is_dir():
        fault = 'There is no such folder.'
        raise UserError('folder-missing', images, fault, 'Give the folder of the images.')
    tags = load_tag_file(path)
    train, valid = _parts(tags, val, val_fraction)
    names = tags.names()
    persons = len(train.annotations)
    batch_size = min(32, persons)
    located = count_located(train)
    values: dict[str, Any] = dict(
        train_tags='{{fileDirname}}/train.json',
        val_tags='{{fileDirname}}/val.json',
        images=_relative(images, folder),
        metainfo=dict(from_file='{{fileDirname}}/keypoints.py'),
        num_keypoints=len(names),
        use_locations=located > 0,
        measure_locations=count_located(valid) > 0,
        batch_size=batch_size,
        max_epochs=epochs or _suited_epochs(persons // batch_size),
        warmup_steps=0,
        **_start(start),
    )
    # A tenth of the run at most.
    steps = values['max_epochs'] * (persons // batch_size)
    values['warmup_steps'] = min(_WARMUP, max(1, steps // 10))
    text = fill_in(Path(find_config(TEMPLATE)).read_text(encoding='utf-8'), values)
    keypoints = metainfo_file(path, str(folder / 'keypoints.py'), metainfo)
    packaged = START if start == 'packaged' else start
    if packaged in list_weights():
        write_bytes(folder / 'start.pth', Path(find_weights(packaged)).read_bytes())
    # The config is the last: without it the same command can be repeated.
    train.save(folder / 'train.json')
    valid.save(folder / 'val.json')
    write_text(config, text)
    lines = [
        f'{folder / "train.json"}: {persons} persons, {located} located; '
        f'{folder / "val.json"}: {len(valid.annotations)} persons',
        keypoints,
        f'{config}: {values["max_epochs"]} epochs of {persons // batch_size} steps',
    ]
    return '\n'.join([*lines, f'Next: lfhpe train {config}'])


def fill_in(template: str, values: Mapping[str, Any]) -> str:
    """Replace values between the two marks of a template; their comments stay.

    Raises:
        KeyError: If the template has no such value.
    """
    start, end = template.index(_FIRST) + len(_FIRST), template.index(_LAST)
    lines = template[start:end].splitlines(keepends=True)
    missing = dict(values)
    for node in reversed(ast.parse(template[start:end]).body):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name in missing:
                new = f'{name} = {_literal(missing.pop(name))}\n'
                lines[node.lineno - 1 : node.end_lineno] = [new]
    if missing:
        raise KeyError(*missing)
    head = 'Your own tags with the recipe for photographs, written by `lfhpe new-config`.'
    return f'# {head}\n\n' + _FIRST + ''.join(lines) + template[end:]


def _parts(tags: TagFile, val: str | None, fraction: float) -> tuple[TagFile, TagFile]:
    if val is not None:
        train, valid = tags, load_tag_file(val)
        if valid.names() != tags.names():
            fault = f'Its keypoints are not those of {tags.path}.'
            raise UserError(
                'other-keypoints', val, fault, 'Give a tag file of the same keypoints.'
            )
    else:
        if not 0 < fraction < 1:
            fault = 'It must lie between 0 and 1.'
            raise UserError('option', f'--val-fraction {fraction:g}', fault)
        parts = split_by_fraction(tags, dict(train=1 - fraction, val=fraction))
        train, valid = parts['train'], parts['val']
    for part, name in ((train, 'training'), (valid, 'validation')):
        if not part.annotations:
            raise UserError(
                'no-persons',
                str(tags.path),
                f'No person is left for the {name}.',
                'Tag more images, or give --val or another --val-fraction.',
            )
    return train, valid


def _suited_epochs(steps: int) -> int:
    return min(max(math.ceil(_STEPS / steps), _EPOCHS[0]), _EPOCHS[1])


def _start(start: str) -> dict[str, Any]:
    if start == 'packaged' or start in list_weights():
        return dict(init_cfg=None, load_from='{{fileDirname}}/start.pth')
    if start == 'none':
        return dict(init_cfg=None)
    if start == 'imagenet':
        return {}
    if not Path(start).is_file():
        raise UserError(
            'checkpoint-missing',
            f'--start {start}',
            'There is no such file.',
            "Give a file, a model of `lfhpe models`, 'packaged', 'imagenet' or 'none'.",
        )
    return dict(init_cfg=dict(type='Pretrained', checkpoint=str(Path(start).resolve())))


def _relative(images: str, folder: Path) -> str:
    """The folder of the images as the config names it."""
    return '{{fileDirname}}/' + os.path.relpath(images or '.', folder).replace(os.sep, '/') + '/'


def _literal(value: Any) -> str:
    if isinstance(value, dict):
        return f'dict({", ".join(f"{k}={_literal(v)}" for k, v in value.items())})'
    return repr(value)
