"""What was read, in a few lines for the screen."""

from lfhpe_mmpose.tags import TagFile, person_tags, person_views
from lfhpe_mmpose.tags.values import ABSENT, SEEN, UNKNOWN


def summary(tags: TagFile, path: str) -> str:
    """Count persons, views and answers.

    Args:
        tags (TagFile): The tag file.
        path (str): Where it is.

    Returns:
        str: Lines for the screen.

    Raises:
        UserError: If tags are malformed.
    """
    counts = {SEEN: 0, ABSENT: 0, UNKNOWN: 0}
    located = tagged = with_views = views = 0
    by_category = {c['id']: c.get('keypoints') or [] for c in tags.categories}
    for annotation, where in tags.with_index():
        names = by_category.get(annotation.get('category_id'), [])
        given = person_tags(annotation, names, where)
        rows = [row for _, row in person_views(annotation, names, where)]
        located += any(flag > 0 for flag in (annotation.get('keypoints') or [])[2::3])
        tagged += given is not None
        with_views += bool(rows)
        views += len(rows)
        for row in ([given] if given is not None else []) + rows:
            for tag in row:
                counts[tag] += 1
    lines = [
        f'{path}',
        f'  images    {len(tags.images)}',
        f'  persons   {len(tags.annotations)}: {located} with coordinates, {tagged} with tags, '
        f'{with_views} with tagged views',
        f'  views     {views}',
        f'  tags      {counts[SEEN]} seen, {counts[ABSENT]} not seen, {counts[UNKNOWN]} unknown',
    ]
    info = tags.rest.get('info')
    left_out = info.get('left_out') if isinstance(info, dict) else None
    if left_out:
        lines.append(
            '  not read  ' + ', '.join(f'{number} {what}' for what, number in left_out.items())
        )
    return '\n'.join(lines)
