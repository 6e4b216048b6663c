"""The content of a tag file in a few lines for the screen."""

from collections import Counter

from lfhpe_mmpose.tags.persons import person_tags, person_views
from lfhpe_mmpose.tags.tag_file import TagFile
from lfhpe_mmpose.tags.values import ABSENT, SEEN, UNKNOWN


def summary(tags: TagFile, path: str) -> str:
    """Count the persons, views and answers of a tag file that was written to ``path``."""
    counts: Counter[int] = Counter()
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
        for row in (given or [], *rows):
            counts.update(row)
    lines = [
        f'{path}',
        f'  images    {len(tags.images)}',
        f'  persons   {len(tags.annotations)}: {located} with coordinates, {tagged} with tags, '
        f'{with_views} with tagged views',
        f'  views     {views}',
        f'  tags      {counts[SEEN]} visible, {counts[ABSENT]} not visible, '
        f'{counts[UNKNOWN]} unknown',
    ]
    info = tags.rest.get('info')
    left_out = info.get('left_out') if isinstance(info, dict) else None
    if left_out:
        entries = ', '.join(f'{number} {what}' for what, number in left_out.items())
        lines.append(f'  not read  {entries}')
    return '\n'.join(lines)
