"""From a folder to tags and back: training gets what the annotator answers."""

import csv
import json

import numpy as np
import pytest

from lfhpe_mmpose.annotation.converters import label_studio, table
from lfhpe_mmpose.annotation.plan import load_plan

from .people import behind_the_door, export, plan_people, questions, ticks, truth_of_pictures


@pytest.fixture(scope='module')
def asked(people, tmp_path_factory):
    """A plan of the synthetic people, and the right answers."""
    out = tmp_path_factory.mktemp('round1')
    plan_people(people, out)
    plan, settings = load_plan(out / 'plan.json')
    return out, plan, settings.keypoints, truth_of_pictures(people, plan)


def _same_as_door(people, path, tags, names, **door):
    tags.save(path)
    got = behind_the_door(path, names)
    wanted = behind_the_door(
        people / 'annotations' / 'person_keypoints_train.json',
        names,
        **{'views': 4, 'view_seed': 5, **door},
    )
    assert got.keys() == wanted.keys()
    for key, (windows, answers) in wanted.items():
        np.testing.assert_array_equal(got[key][0], windows)  # to the last bit
        np.testing.assert_array_equal(got[key][1], answers)


class TestCircle:
    """Plan, answers, tags."""

    @pytest.mark.parametrize('form', [questions, ticks])
    def test_label_studio_gives_the_doors_tags(self, people, asked, tmp_path, form):
        """The same windows and tags as WithholdLocations draws from the coordinates."""
        out, plan, names, answers = asked
        tags = label_studio.read(str(export(out, answers, names, form)), plan=plan)
        _same_as_door(people, tmp_path / 'tags.json', tags, names)

    def test_one_sub_crop_a_person(self, people, tmp_path):
        """The whole person has no tags, neither in the plan nor in the data set."""
        door = dict(views=1, whole_person=False)
        plan_people(people, tmp_path, views=1, whole=False)
        plan, settings = load_plan(tmp_path / 'plan.json')
        answers = truth_of_pictures(people, plan, **door)
        path = export(tmp_path, answers, settings.keypoints, ticks)
        tags = label_studio.read(str(path), plan=plan)
        _same_as_door(people, tmp_path / 'tags.json', tags, settings.keypoints, **door)

    def test_table_gives_the_doors_tags(self, people, asked, tmp_path):
        """The same through questions.csv."""
        out, plan, names, answers = asked
        with open(out / 'questions.csv', newline='') as file:
            header, *rows = csv.reader(file)
        assert header == ['image', *names]
        assert all(row[1:] == [''] * len(names) for row in rows)
        path = tmp_path / 'questions.csv'
        with open(path, 'w', newline='') as file:
            writer = csv.writer(file)
            writer.writerow(header)
            for name, *_ in rows:
                writer.writerow([name, *map(int, answers[name.removeprefix('views/')])])
        tags = table.read(str(path), plan=plan)
        _same_as_door(people, tmp_path / 'tags.json', tags, names)

    def test_nothing_tells_where_a_keypoint_is(self, asked):
        """Neither the plan nor the forms hold a coordinate."""
        out, plan, _, _ = asked
        for annotation in plan.annotations:
            assert set(annotation) == {'id', 'image_id', 'bbox', 'category_id', 'tag_views'}
        for name in ('plan.json', 'label_studio_tasks.json', 'label_studio_config.xml'):
            text = (out / name).read_text()
            assert '"keypoints": [' not in text.replace('"keypoints": ["', '')

    def test_what_nobody_answered_is_left_out(self, asked, tmp_path):
        """Persons and views come back as far as they were answered."""
        out, plan, names, answers = asked
        first = plan.rest['plan']['pictures'][0]
        name = first['file'].removeprefix('views/')
        path = export(out, answers, names)
        tasks = [t for t in json.loads(path.read_text()) if t['data']['image'].endswith(name)]
        (tmp_path / 'one.json').write_text(json.dumps(tasks))
        tags = label_studio.read(str(tmp_path / 'one.json'), plan=plan)
        (person,) = tags.annotations
        assert person['id'] == first['annotation']
        if first['view']:
            assert len(person['tag_views']) == 1 and 'keypoint_tags' not in person
        else:
            assert 'tag_views' not in person
