"""The JSON Schema, the reader and the documentation speak of the same format."""

import json
import re

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.tags import SCHEMA, tag_file_from
from tests.conftest import ROOT

from .strategies import contents, examples, mutated
from .test_tag_file import EMPTY, read_all

VALIDATOR = Draft202012Validator(json.loads(SCHEMA.read_text(encoding='utf-8')))
# What the reader refuses and the schema cannot express, by code.
BEYOND = {
    # The number and the names of the keypoints stand in another part of the file.
    'tag-count',
    'unknown-keypoint',
    # JSON Schema cannot count the entries that have a property.
    'no-keypoints',
    'keypoint-sets',
    # To the schema every string is a name, the empty one included.
    'keypoint-names',
}


def reader_error(data) -> UserError | None:
    """The reader's error for a file's content."""
    try:
        read_all(tag_file_from(data, 'f'))
    except UserError as error:
        return error
    return None


class TestAccepts:
    """Files that are valid."""

    def test_schema(self):
        """The schema is one itself."""
        Draft202012Validator.check_schema(VALIDATOR.schema)

    @examples(60)
    @given(data=contents())
    def test_generated(self, data):
        """Every kind of person, mixed."""
        VALIDATOR.validate(data)
        assert reader_error(data) is None

    def test_example(self):
        """The example of the documentation, which the reader takes as the text says."""
        text = (ROOT / 'docs' / 'tag-format.md').read_text(encoding='utf-8')
        (example,) = re.findall(r'```json\n(.*?)```', text, re.DOTALL)
        data = json.loads(example)
        VALIDATOR.validate(data)
        first, second, third, fourth = read_all(tag_file_from(data, 'f'))
        assert first == ([1, 0, -1], [])
        assert second[0] == [1, 1, -1]
        assert [row for _, row in second[1]] == [[1, 0, 0], [-1, 1, -1]]
        assert third == (None, [])
        assert fourth == ([1, 0, 0], [])

    def test_plain_coco(self, data_dir):
        """COCO's own keypoint files."""
        paths = sorted((data_dir / 'coco_mini').rglob('person_keypoints*.json'))
        if not paths:
            pytest.skip('coco_mini has no annotations')
        for path in paths:
            VALIDATOR.validate(json.loads(path.read_text()))


class TestRejects:
    """Files that are not."""

    @pytest.mark.parametrize(
        'person',
        [
            dict(keypoint_tags=[1, 2]),
            dict(keypoint_tags=[True, 0]),
            dict(keypoint_tags=['1', 0]),
            dict(keypoint_tags=dict(a=0.5)),
            dict(keypoint_tags=dict(a=None)),
            dict(keypoint_tags='a'),
            dict(tag_views={}),
            dict(tag_views=[dict(bbox=[0, 0, 1, 1])]),
            dict(tag_views=[dict(bbox=[0, 0, 1, 0], keypoint_tags=[1, 1])]),
            dict(tag_views=[dict(bbox=[0, 0, 1], keypoint_tags=[1, 1])]),
            dict(id=None),
        ],
        ids=str,
    )
    def test_person(self, person):
        """The reader and the schema refuse the same."""
        category = dict(id=1, name='p', keypoints=['a', 'b'])
        entry = dict(id=1, image_id=1, category_id=1) | person
        data = EMPTY | dict(categories=[category], annotations=[entry])
        assert reader_error(data) is not None
        assert not VALIDATOR.is_valid(data)

    @examples(60)
    @given(data=mutated())
    def test_reader_agrees(self, data):
        """What the reader refuses the schema refuses, but for what it cannot say."""
        error = reader_error(data)
        if error is not None and VALIDATOR.is_valid(data):
            # 1.0 is an integer for JSON Schema; as an id it would be written back as another text.
            written_as_float = error.place.endswith('.id') and '.0' in error.fault
            assert error.code in BEYOND or written_as_float, error

    @examples(60)
    @given(data=mutated())
    def test_schema_agrees(self, data):
        """Tags and views that the schema refuses the reader refuses; null is as if absent."""
        faults = [list(fault.absolute_path) for fault in VALIDATOR.iter_errors(data)]
        for path in faults:
            if path[:1] != ['annotations'] or path[2:3] not in (['keypoint_tags'], ['tag_views']):
                continue
            person = data['annotations'][path[1]]
            if len(path) == 3 and person[path[2]] is None:
                continue
            assert reader_error(data) is not None, path
