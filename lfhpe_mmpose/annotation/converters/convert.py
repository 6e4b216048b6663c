"""Import and export: what the commands `lfhpe import` and `lfhpe export-labels` do."""

from collections.abc import Collection, Sequence
from types import ModuleType
from typing import Any

from lfhpe_mmpose.annotation.keypoint_names import listed_names, metainfo_keypoints
from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.tag_file import TagFile, load_tag_file

from . import coco, cvat, deeplabcut, label_studio, labelme, sleap, table, yolo
from .answers import CONFLICTS, DEFAULT_WORDS
from .builder import nearest
from .programs import program_of

FORMATS: dict[str, ModuleType] = {
    'label-studio': label_studio,
    'cvat': cvat,
    'coco': coco,
    'table': table,
    'deeplabcut': deeplabcut,
    'labelme': labelme,
    'sleap': sleap,
    'yolo': yolo,
}
WRITERS = tuple(kind for kind, module in FORMATS.items() if hasattr(module, 'write'))
# Options that only some formats have: the argument of `read` or `write`, by format.
OWN_OPTIONS: dict[str, dict[str, str]] = {
    'image_root': dict.fromkeys(
        ('table', 'label-studio', 'deeplabcut', 'labelme', 'sleap', 'yolo'), 'image_root'
    ),
    'ignore_columns': {'table': 'ignore_columns'},
    'label': {'cvat': 'label', 'yolo': 'label'},
    'split': {'yolo': 'split'},
    'located_only': {'coco': 'located_only'},
    'drop_tags': {'coco': 'drop_tags'},
    'locations': {'cvat': 'locations', 'label-studio': 'keypoints'},
    'image_url_prefix': {'label-studio': 'prefix'},
}
_DRAWING = ('views', 'view_seed', 'whole_person', 'occluded')


def import_tags(
    kind: str,
    path: str,
    keypoints: str | None = None,
    metainfo: str | None = None,
    plan: str | None = None,
    conflicts: str = 'error',
    seen_words: Sequence[str] = (),
    absent_words: Sequence[str] = (),
    unknown_words: Sequence[str] = (),
    tags_only: bool = False,
    **options: Any,
) -> TagFile:
    """Read what another program wrote.

    Args:
        kind: The format, a key of ``FORMATS``.
        path: The file to read.
        keypoints: Keypoint names ``a,b,c``, in order.
        metainfo: Metainfo file, or name of one of MMPose's, with the keypoint names.
        plan: Annotation plan (``plan.json``) whose pictures were answered.
        conflicts: See ``agree``.
        seen_words: More words for 1.
        absent_words: More words for 0.
        unknown_words: More words for -1.
        tags_only: Whether to drop every coordinate, see ``withhold``.
        options: Options of this format (``OWN_OPTIONS``), and with ``tags_only`` those of
            ``withhold``: views, view_seed, whole_person, occluded. None is the default.

    Raises:
        UserError: 'format', 'option' or 'no-persons', and whatever the format raises.
    """
    module = check_format(kind)
    drawing = {k: options.pop(k, None) for k in _DRAWING}
    drawing = {k: v for k, v in drawing.items() if v is not None}
    given = _own_options(kind, options)
    if drawing and not tags_only:
        option = next(iter(drawing))
        flag = '--no-whole-person' if option == 'whole_person' else _flag(option)
        fault = 'without it, WithholdLocations of the config draws views and reads the flags.'
        raise UserError('option', flag, f'the option needs --tags-only. {fault}', 'Add it.')
    if conflicts not in CONFLICTS:
        remedy = f'Give one of {", ".join(CONFLICTS)}.'
        raise UserError('option', '--conflicts', f'{conflicts!r} is not a choice.', remedy)
    if keypoints is not None and metainfo is not None:
        fault = 'the options --keypoints and --metainfo exclude each other.'
        raise UserError('option', '--metainfo', fault, 'Give one of them.')
    names = None if keypoints is None else listed_names(keypoints)
    if metainfo is not None:
        names = metainfo_keypoints(metainfo)[0]
    words = DEFAULT_WORDS.extended(seen_words, absent_words, unknown_words)
    asked = load_tag_file(plan) if plan else None
    try:
        tags: TagFile = module.read(
            path, names=names, plan=asked, words=words, conflicts=conflicts, **given
        )
    except UserError as error:
        program = program_of(path)
        if program is None or kind in program.kinds:
            raise
        fault = f'this is a file of {program.name}, which the format {kind!r} cannot read.'
        raise UserError('other-program', path, fault, program.remedy) from error
    if not tags.annotations:
        info = tags.rest.get('info')
        left_out = info.get('left_out', {}) if isinstance(info, dict) else {}
        entries = ', '.join(f'{number} {what}' for what, number in left_out.items())
        fault = f'no person was read{f"; left out: {entries}" if entries else ""}.'
        remedy = 'Check that this is the right file, format and label, and that it has answers.'
        raise UserError('no-persons', path, fault, remedy)
    if tags_only:
        from lfhpe_mmpose.annotation.withhold import withhold

        tags = withhold(tags, **drawing)
    return tags


def export_labels(kind: str, tags: TagFile, path: str, **options: Any) -> str:
    """Write a tag file for another program.

    Args:
        kind: The format, one of ``WRITERS``.
        tags: The tag file.
        path: The file to write.
        options: Options of this format, see ``OWN_OPTIONS``; None and False are the default.

    Returns:
        A note for the screen about persons whose labels are not written; '' without any.

    Raises:
        UserError: 'format' or 'option', and whatever the format raises.
    """
    module = check_format(kind, WRITERS)
    module.write(tags, path, **_own_options(kind, options))
    untagged = sum(
        'keypoints' in a and 'keypoint_tags' not in a and 'tag_views' not in a
        for a in tags.annotations
    )
    if not untagged or kind == 'coco' or options.get('locations'):
        return ''
    return (
        f'{untagged} persons have coordinates and no tags; they are written without answers. For '
        f'tags of their visibility flags, first run: lfhpe import coco {tags.path} --tags-only '
        '--out FILE'
    )


def check_format(kind: str, kinds: Collection[str] = tuple(FORMATS)) -> ModuleType:
    """Find the module of a format.

    Raises:
        UserError: 'format' if the name is unknown.
    """
    if kind not in kinds:
        known = 'can only be read' if kind in FORMATS else 'is unknown'
        fault = f'the format {kind!r} {known}.{nearest(kind.replace("_", "-"), kinds)}'
        raise UserError('format', '', fault, f'Give one of {", ".join(kinds)}.')
    return FORMATS[kind]


def _own_options(kind: str, options: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a format's function; refuses an option of another format."""
    given = {k: v for k, v in options.items() if v is not None and v is not False}
    for option in given:
        owners = OWN_OPTIONS[option]
        if kind not in owners:
            fault = f'the option belongs to the format {" and ".join(owners)}, not to {kind}.'
            raise UserError('option', _flag(option), fault, 'Leave it out.')
    return {OWN_OPTIONS[option][kind]: value for option, value in given.items()}


def _flag(option: str) -> str:
    return f'--{option.replace("_", "-")}'
