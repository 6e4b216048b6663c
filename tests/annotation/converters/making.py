"""Small files and tag files that the tests of the converters share."""

import json
from pathlib import Path

from lfhpe_mmpose.tags import TagFile

DATA = Path(__file__).parent / 'exports'
NAMES = ['nose', 'left_wrist', 'right_wrist']


def make_tags() -> TagFile:
    """Four persons: tagged, with views, located, and with views alone."""
    tags = TagFile.new(NAMES, [[1, 2], [1, 3]])
    tags.images = [
        dict(id=1, file_name='beach/0001.jpg', width=640, height=480),
        dict(id=2, file_name='beach/0002.jpg', width=320, height=240),
    ]
    person = dict(category_id=1)
    tags.annotations = [
        dict(id=1, image_id=1, bbox=[10.5, 20, 100, 300], keypoint_tags=[1, 0, -1], **person),
        dict(
            id=2,
            image_id=1,
            bbox=[200, 20, 100, 300],
            keypoint_tags=[1, 1, -1],
            tag_views=[dict(bbox=[200, 20, 100, 120.25], keypoint_tags=[1, 0, 0])],
            **person,
        ),
        dict(
            id=3,
            image_id=2,
            bbox=[50, 20, 100, 200],
            num_keypoints=2,
            keypoints=[100, 50, 2, 60, 70, 1, 0, 0, 0],
            **person,
        ),
        dict(
            id=4,
            image_id=2,
            tag_views=[
                dict(bbox=[0, 0, 10, 10], keypoint_tags=[-1, 0, 0]),
                dict(bbox=[5, 5, 10, 10], keypoint_tags=[0, 0, 1]),
            ],
            **person,
        ),
    ]
    return tags


def make_plan() -> TagFile:
    """A plan of two persons with a sub-crop each, one asked as a whole as well."""
    tags = TagFile.new(NAMES)
    tags.path = 'plan.json'
    tags.images = [dict(id=5, file_name='a.jpg', width=100, height=100)]
    unknown = [-1, -1, -1]
    tags.annotations = [
        dict(
            id=i,
            image_id=5,
            category_id=1,
            bbox=[i, 0, 50, 80],
            tag_views=[
                dict(bbox=[i, 0, 20, 20], keypoint_tags=unknown),
                dict(bbox=[i, 9, 30, 30], keypoint_tags=unknown),
            ],
        )
        for i in (17, 18)
    ]
    pictures = [(17, 0), (17, 1), (17, 2), (18, 2)]
    tags.rest['plan'] = dict(
        seed=0,
        pictures=[dict(file=f'views/{a}_{v}.jpg', annotation=a, view=v) for a, v in pictures],
    )
    return tags


def answers_of(tags: TagFile) -> list:
    """Image, box, tags and views of each person: what must survive a round trip."""
    names = {image['id']: image['file_name'] for image in tags.images}
    return [
        (
            names[a['image_id']],
            [float(v) for v in a['bbox']] if 'bbox' in a else None,
            a.get('keypoint_tags'),
            [([float(v) for v in w['bbox']], w['keypoint_tags']) for w in a.get('tag_views', [])],
        )
        for a in tags.annotations
    ]


def listed(tags: TagFile) -> TagFile:
    """The same file with tags as lists, and without views that are null."""
    names = tags.names()
    for person in tags.annotations:
        for entry in (person, *(person.get('tag_views') or [])):
            value = entry.get('keypoint_tags')
            if isinstance(value, dict):
                entry['keypoint_tags'] = [value.get(name, -1) for name in names]
        if person.get('tag_views') is None:
            person.pop('tag_views', None)
    return tags


def save(tags: TagFile, folder: Path, name: str = 'tags.json') -> Path:
    """Write a tag file."""
    path = folder / name
    path.write_text(json.dumps(tags.to_dict()))
    return path
