"""Hypothesis strategies of tag files: every kind of person, mixed in one file."""

import copy
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from lfhpe_mmpose.tags import TagFile, tag_file_from

TAGS = st.sampled_from([1, 0, -1])
NAMES = ['nose', 'left_wrist', 'right_wrist', 'tip', 'Ohr links', '左手首', 'Ω', "d'Artagnan"]
USED = {
    *('id', 'image_id', 'category_id', 'bbox', 'keypoints', 'num_keypoints', 'keypoint_tags'),
    *('tag_views', 'iscrowd', 'images', 'annotations', 'categories', 'info', 'name', 'skeleton'),
    *('file_name', 'width', 'height'),
}
NUMBERS = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6)
ATOMS = st.none() | st.booleans() | NUMBERS | st.text(max_size=5)
JSON = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)
EXTRA = st.dictionaries(
    st.text(min_size=1, max_size=6).filter(lambda key: key not in USED), JSON, max_size=2
)
IDS = st.integers(1, 10**9) | st.text(min_size=1, max_size=4)
KINDS = ['located', 'list', 'named', 'views', 'nothing', 'null']


def examples(number: int) -> settings:
    """Settings of a property test: so many examples, however busy the machine is."""
    return settings(
        max_examples=number, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )


def keypoint_sets(max_size: int = 5) -> st.SearchStrategy[list[str]]:
    """Keypoint names, each once."""
    names = st.sampled_from(NAMES) | st.text(min_size=1, max_size=6).filter(str.strip)
    return st.lists(names, min_size=1, max_size=max_size, unique=True)


def tag_lists(names: list[str]) -> st.SearchStrategy[list[int]]:
    """A tag for each keypoint."""
    return st.lists(TAGS, min_size=len(names), max_size=len(names))


def written_tags(names: list[str]) -> st.SearchStrategy[Any]:
    """Tags as a list or by name."""
    return tag_lists(names) | st.dictionaries(st.sampled_from(names), TAGS)


@st.composite
def boxes(draw: st.DrawFn) -> list[float]:
    """A box with an area."""
    corner = [draw(st.integers(-5, 90) | st.floats(-5, 90)) for _ in range(2)]
    return corner + [draw(st.integers(1, 99) | st.floats(0.01, 99)) for _ in range(2)]


@st.composite
def persons(draw: st.DrawFn, names: list[str]) -> dict:
    """A person of one kind or of several at once, without ids."""
    kinds = draw(st.sets(st.sampled_from(KINDS)))
    out = draw(EXTRA)
    if draw(st.booleans()):
        out['bbox'] = draw(boxes())
    if 'located' in kinds:
        flags = draw(
            st.lists(st.sampled_from([0, 1, 2]), min_size=len(names), max_size=len(names))
        )
        rows = [[draw(NUMBERS), draw(NUMBERS), f] if f else [0, 0, 0] for f in flags]
        out['keypoints'] = [v for row in rows for v in row]
        out['num_keypoints'] = sum(f > 0 for f in flags)
    if 'list' in kinds:
        out['keypoint_tags'] = draw(tag_lists(names))
    elif 'named' in kinds:
        out['keypoint_tags'] = draw(st.dictionaries(st.sampled_from(names), TAGS))
    if 'views' in kinds:
        view = st.fixed_dictionaries(dict(bbox=boxes(), keypoint_tags=written_tags(names)))
        out['tag_views'] = draw(st.lists(view, max_size=3))
    if draw(st.booleans()):
        out['iscrowd'] = draw(st.sampled_from([0, 1]))
    return out


@st.composite
def contents(
    draw: st.DrawFn, max_persons: int = 5, max_images: int = 4, min_images: int = 0
) -> dict:
    """The content of a valid tag file."""
    names = draw(keypoint_sets())
    ids = draw(st.lists(IDS, min_size=min_images, max_size=max_images, unique=True))
    images = [
        dict(
            draw(EXTRA),
            id=i,
            file_name=f'{draw(st.sampled_from(["", "a/", "ä b/"]))}{n}.jpg',
            width=draw(st.integers(1, 99)),
            height=draw(st.integers(1, 99)),
        )
        for n, i in enumerate(ids)
    ]
    category = dict(draw(EXTRA), id=draw(IDS), name=draw(st.text(max_size=4)), keypoints=names)
    if draw(st.booleans()):
        ends = st.integers(1, len(names))
        category['skeleton'] = draw(st.lists(st.lists(ends, min_size=2, max_size=2), max_size=2))
    people = draw(st.lists(IDS, max_size=max_persons if images else 0, unique=True))
    annotations = []
    for i in people:
        person = dict(id=i, image_id=draw(st.sampled_from(ids)), category_id=category['id'])
        annotations.append(person | draw(persons(names)))
    out = draw(EXTRA)
    if draw(st.booleans()):
        out['info'] = dict(draw(EXTRA), tag_format='1.0')
    return out | dict(images=images, annotations=annotations, categories=[category])


def tag_files(**sizes: int) -> st.SearchStrategy[TagFile]:
    """Valid tag files, in memory."""
    return contents(**sizes).map(lambda data: tag_file_from(data, 'tags.json'))


def _places(value: Any, path: tuple = ()) -> list[tuple]:
    """The path of every value in a JSON value."""
    out = [path]
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        out += _places(inner, (*path, key))
    return out


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A valid file in which one to three values became others, of any JSON type, or went."""
    data = copy.deepcopy(draw(contents(min_images=1)))
    wrong = JSON | st.sampled_from([1.0, 0.5, 2, -2, '1', True, [], {}, [1, 0], [0, 0, -1, 5]])
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(_places(data)))
        if not path:
            if draw(st.integers(0, 9)) == 0:
                return draw(wrong)
            continue
        holder = data
        for key in path[:-1]:
            holder = holder[key]
        how = draw(st.sampled_from(['replace', 'remove', 'rename', 'double']))
        if how == 'replace':
            holder[path[-1]] = draw(wrong)
        elif how == 'remove':
            del holder[path[-1]]
        elif isinstance(holder, list):
            holder.append(copy.deepcopy(holder[path[-1]]))
        else:
            holder[draw(st.text(max_size=5))] = holder.pop(path[-1])
    return data
