"""SLEAP's label files (``.slp``) as located persons, read by sleap-io.

Labels must be about image files. Predicted instances are counted and not read.
"""

import os
from collections.abc import Sequence
from typing import Any

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags.tag_file import TagFile

from .answers import DEFAULT_WORDS, AnswerWords
from .builder import TagFileBuilder, choose_names
from .plan_answers import refuse_plan
from .source import missing_package, open_binary, size_in


def read(
    path: str,
    names: Sequence[str] | None = None,
    plan: TagFile | None = None,
    words: AnswerWords = DEFAULT_WORDS,
    conflicts: str = 'error',
    image_root: str | None = None,
) -> TagFile:
    """Read a label file about images.

    ``image_root`` is the folder of the images; by default the one that holds all of them.
    """
    del words, conflicts  # coordinates in place of answers
    refuse_plan(plan, path)
    labels = _load(path)
    skeletons = {tuple(s.node_names) for s in labels.skeletons}
    if len(skeletons) != 1:
        fault = f'the file has {len(skeletons)} skeletons.'
        raise UserError('keypoint-sets', path, fault, 'Keep one of them.')
    own = [str(name) for name in skeletons.pop()]
    builder = TagFileBuilder(choose_names(names, own, path), path, 'animal')
    frames = [(_image(frame, path), frame) for frame in labels.labeled_frames]
    root = image_root or _common([image for image, _ in frames], path)
    for image, frame in frames:
        where = f'{path}: {image}'
        name = os.path.relpath(image, root) if os.path.isabs(image) else image
        size = size_in(root, name.replace(os.sep, '/'), where)
        image_id = builder.image(name.replace(os.sep, '/'), size, where)
        persons = frame.user_instances
        predicted = len(frame.instances) - len(persons)
        if predicted:
            builder.left_out['predicted instances'] += predicted
        for person in persons:
            points = dict(zip(own, person.numpy().tolist(), strict=True))
            places = [points[name] for name in builder.names]
            keypoints = [v for x, y in places for v in ((x, y, 2) if x == x else (0, 0, 0))]
            builder.located(image_id, keypoints, size)
    return builder.finish()


def _load(path: str) -> Any:
    try:
        import sleap_io
    except ImportError:
        raise missing_package(path, 'sleap-io', 'sleap', '') from None
    with open_binary(path):
        pass
    try:
        return sleap_io.load_slp(path, open_videos=False)
    except Exception as error:  # the library lets every error of a damaged file through
        fault = f'sleap-io cannot read the file ({type(error).__name__}: {error}).'
        raise UserError('damaged', path, fault, 'Save it with SLEAP again.') from None


def _image(frame: Any, path: str) -> str:
    """The image file of a frame."""
    files = frame.video.filename
    if isinstance(files, str) and not files.lower().endswith(
        ('.mp4', '.avi', '.mov', '.slp', '.h5')
    ):
        files = [files]
    if isinstance(files, str):
        fault = f'the labels are about the video {files}.'
        remedy = (
            'Extract its labelled frames with `sio convert FILE -o FOLDER --to ultralytics`, and '
            'run `lfhpe import yolo FOLDER/data.yaml`.'
        )
        raise UserError('video', path, fault, remedy)
    return str(files[frame.frame_idx]).replace('\\', '/')


def _common(images: Sequence[str], path: str) -> str:
    """The folder that holds all images."""
    folder = os.path.dirname(os.path.abspath(path))
    if not images or not all(map(os.path.isabs, images)):
        return folder
    return os.path.commonpath([os.path.dirname(image) for image in images])
