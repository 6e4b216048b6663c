"""Checks of what a tag file has beyond COCO's: tags and tagged views."""

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import person_tags, person_views

from .annotations import Annotations
from .keypoints import keypoint_names
from .report import problem
from .sources import Source, type_name


def check_tagged(annotations: Annotations, source: Source) -> list[str]:
    """Read the tags of a tag file as its data set will.

    Args:
        annotations (Annotations): The file.
        source (Source): The data set that reads it.

    Returns:
        list[str]: The problems; none for a data set that reads no tags.
    """
    if not source.reads_tags:
        return []
    try:
        names = keypoint_names(source.cfg)
    except Exception:
        return []  # told by check_head
    wrong = []
    for i, annotation in annotations.persons:
        where = f'annotations[{i}] (id {annotation["id"]})'
        try:
            person_tags(annotation, names, where)
            person_views(annotation, names, where)
        except UserError as error:
            wrong.append(str(error))
        keypoints = annotation.get('keypoints')
        if keypoints is not None and (
            not isinstance(keypoints, list) or len(keypoints) != 3 * len(names)
        ):
            wrong.append(f'{where}.keypoints is no list of {3 * len(names)} numbers')
    out = []
    entry = f'{source.entry} ({type_name(source.cfg)})'
    if wrong:
        what = f'{annotations.path}: {len(wrong)} persons have tags that cannot be read.'
        remedy = 'mend these entries; tools/check_tags.py lists all faults of a tag file'
        out.append(problem(what, entry, remedy, wrong))
    for i, category in enumerate(annotations.data['categories']):
        theirs = category.get('keypoints') if isinstance(category, dict) else None
        if theirs and theirs != names:
            given = ', '.join(map(str, theirs))
            what = (
                f'{annotations.path}: categories[{i}].keypoints are {given}, those of the data '
                f'set {", ".join(names)}.'
            )
            remedy = (
                "give the data set's metainfo for this file, its keypoints in the same order; "
                'tools/make_metainfo.py writes it from the file'
            )
            out.append(problem(what, entry, remedy))
    return out
