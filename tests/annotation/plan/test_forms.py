"""The forms that people fill in."""

import json
from xml.etree import ElementTree

import pytest

from lfhpe_mmpose.annotation.converters import answer
from lfhpe_mmpose.annotation.plan.forms import (
    holds_answers,
    label_studio_config,
    label_studio_tasks,
    question_table,
    url_prefix,
)
from tests.refusal import refuses

NAMES = ['nose', 'left "wrist" & <hand>', *(f'k{i}' for i in range(40))]


class TestConfig:
    """`label_studio_config`."""

    def test_a_question_a_keypoint_and_nothing_preselected(self):
        """Three answers that the importer reads, each question required."""
        root = ElementTree.fromstring(label_studio_config(NAMES))
        questions = list(root.iter('Choices'))
        assert [q.get('name') for q in questions] == NAMES
        image = next(root.iter('Image')).get('name')
        for question in questions:
            assert question.get('toName') == image
            assert question.get('required') == 'true'
            assert question.get('choice') == 'single'
            values = [c.get('value') for c in question]
            assert [answer(v, 'x') for v in values] == [1, 0, -1]
            assert not any(c.get('selected') for c in question)

    @pytest.mark.parametrize('form', ['questions', 'ticks'])
    def test_no_key_does_two_things(self, form):
        """Hotkeys are unique; keypoints beyond the keys have none."""
        root = ElementTree.fromstring(label_studio_config(NAMES, form))
        keys = [c.get('hotkey') for c in root.iter('Choice') if c.get('hotkey')]
        assert len(keys) == len(set(keys)) > 20

    def test_ticks(self):
        """All keypoints, and a choice for none."""
        root = ElementTree.fromstring(label_studio_config(NAMES, 'ticks'))
        visible, unsure = list(root.iter('Choices'))
        assert visible.get('name') == 'visible' and unsure.get('name') == 'cannot_tell'
        assert visible.get('choice') == unsure.get('choice') == 'multiple'
        assert [c.get('value') for c in visible] == [*NAMES, 'none of these']
        assert [c.get('value') for c in unsure] == NAMES
        assert visible.get('required') == 'true' and unsure.get('required') is None

    @pytest.mark.parametrize('form', ['questions', 'ticks'])
    def test_picture_and_answers_side_by_side(self, form):
        """The answers have a column of their own that scrolls, so that no answer is off screen."""
        row = ElementTree.fromstring(label_studio_config(NAMES, form))
        picture, answers = row
        assert 'display: flex' in row.get('style') and row.tag == picture.tag == 'View'
        assert [e.tag for e in picture] == ['Image'] and not list(answers.iter('Image'))
        assert {'max-height', 'overflow-y'} <= {
            rule.split(':')[0].strip() for rule in answers.get('style').split(';')
        }

    def test_keypoint_called_like_an_answer(self):
        """Its tick would be ambiguous."""
        with refuses('keypoint-names', place='visible'):
            label_studio_config(['visible'], 'ticks')


class TestTasks:
    """`label_studio_tasks` and `question_table`."""

    def test_addresses(self):
        """Local files below the folder of all rounds, or any prefix."""
        (task,) = json.loads(label_studio_tasks(['views/17_0.jpg'], url_prefix('x/my round')))
        url = '/data/local-files/?d=my%20round/views/17_0.jpg'
        assert task == dict(data=dict(image=url, picture='17_0.jpg'))
        (task,) = json.loads(label_studio_tasks(['views/17_0.jpg'], 's3://bucket/x/'))
        assert task['data']['image'] == 's3://bucket/x/17_0.jpg'

    def test_table_and_answers(self):
        """Empty cells are no answers."""
        text = question_table(['views/1_0.jpg'], ['a', 'b'])
        assert text == 'image,a,b\nviews/1_0.jpg,,\n'
        assert not holds_answers(text)
        assert holds_answers(text.replace(',,', ',,0'))

    @pytest.mark.parametrize('delimiter', [';', '\t'])
    def test_answers_in_a_table_of_a_spreadsheet(self, delimiter):
        """A spreadsheet may save other delimiters; a number or a word is an answer."""
        text = question_table(['views/1_0.jpg'], ['a', 'b']).replace(',', delimiter)
        assert not holds_answers(text) and not holds_answers(text.replace('\n', '\r\n'))
        assert holds_answers(text.replace('jpg' + delimiter, f'jpg{delimiter}1'))
