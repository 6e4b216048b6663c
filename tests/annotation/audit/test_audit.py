"""What an audit finds among labels that were spoilt on purpose, and what it never reads."""

import csv
import json

import numpy as np
import pytest

from lfhpe_mmpose.annotation.asking.grid import CELLS
from lfhpe_mmpose.annotation.asking.maps import ModelMaps
from lfhpe_mmpose.annotation.asking.plan_source import AskPlan
from lfhpe_mmpose.annotation.audit.audit import audit_maps
from lfhpe_mmpose.annotation.audit.report import write_report
from lfhpe_mmpose.annotation.withhold import withhold
from lfhpe_mmpose.tags import load_tag_file
from tests.annotation.asking.people import NAMES, truth_of, write_plan

PERSONS = 40


@pytest.fixture
def located(tmp_path):
    """A file with the locations of 40 persons."""
    return write_plan(tmp_path, PERSONS, secrets=truth_of(PERSONS))


@pytest.fixture
def maps(located, tmp_path):
    """Maps of a model that finds every visible keypoint."""
    plan, truth = AskPlan(located), truth_of(PERSONS)
    found, visible = [], []
    for person, entry in plan.persons.items():
        centres = entry.grid().centres
        far = ((centres[None] - truth[person][:, None, :2]) ** 2).sum(-1)
        found.append(np.exp(-far / 50).reshape(-1, CELLS, CELLS))
        visible.append(np.where(truth[person][:, 2] > 0, 0.97, 0.03))
    path = tmp_path / 'maps.npz'
    np.savez(
        path,
        persons=np.array([json.dumps(p) for p in plan.persons]),
        keypoints=np.array(NAMES),
        maps=np.stack(found).astype(np.float16),
        visible=np.stack(visible),
    )
    return ModelMaps(path, tuple(NAMES))


def audit_of(tags, maps, folder, **options):
    """The audit of a file that is written beside the images."""
    path = folder / 'tagged.json'
    tags.save(path)
    return audit_maps(AskPlan(path), maps, **options)


def rows_of(person):
    """All tag lists of a person."""
    return [person['keypoint_tags'], *(view['keypoint_tags'] for view in person['tag_views'])]


class TestFindings:
    """Each kind of spoilt label comes out on top."""

    def test_good_labels(self, located, maps, tmp_path):
        """Hardly anything is suspected."""
        audit = audit_of(withhold(load_tag_file(located), views=4), maps, tmp_path)
        assert audit.labels == PERSONS * 4 * 4
        assert not [s for s in audit.suspects if s.bits > 4]

    def test_exchanged_sides(self, located, maps, tmp_path):
        """The persons, with the pair, and none of their answers one by one."""
        tags = withhold(load_tag_file(located), views=4)
        spoilt = {3, 17}
        for person in tags.annotations:
            for row in rows_of(person) if person['id'] in spoilt else ():
                row[1], row[2] = row[2], row[1]
        suspects = audit_of(tags, maps, tmp_path).suspects
        sides = [s for s in suspects if s.kind == 'sides']
        assert {s.person for s in sides[:2]} == spoilt
        assert {s.keypoints for s in sides[:2]} == {(1, 2)}
        assert not [
            s for s in suspects if s.person in spoilt and s.kind == 'answer'
            and set(s.keypoints) & {1, 2}
        ]  # fmt: skip

    def test_wrong_answers(self, located, maps, tmp_path):
        """A tag of the whole person, and one of a view."""
        tags = withhold(load_tag_file(located), views=4)
        rows_of(tags.annotations[4])[0][0] = 0
        row = rows_of(tags.annotations[9])[2]
        row[1] = 1 - row[1]
        first, second = audit_of(tags, maps, tmp_path).suspects[:2]
        found = {(s.kind, s.person, s.view, s.keypoints) for s in (first, second)}
        assert found == {('answer', 5, 0, (0,)), ('answer', 10, 2, (1,))}

    def test_view_of_an_answer(self, located, maps, tmp_path):
        """Number and window are those of the file, also where others are unknown."""
        tags = withhold(load_tag_file(located), views=5)
        person = tags.annotations[9]
        row = rows_of(person)[3]
        row[1] = 1 - row[1]
        for other in rows_of(person)[:2]:
            other[:] = [-1] * len(other)
        (suspect,) = [s for s in audit_of(tags, maps, tmp_path).suspects if s.bits > 4]
        assert (suspect.person, suspect.view, suspect.keypoints) == (10, 3, (1,))
        assert suspect.window == tuple(person['tag_views'][2]['bbox'])
        del person['keypoint_tags']
        (suspect,) = [s for s in audit_of(tags, maps, tmp_path).suspects if s.bits > 4]
        assert suspect.view == 3

    def test_locations(self, located, maps, tmp_path):
        """A keypoint that was placed elsewhere, unless coordinates are not to be read."""
        tags = load_tag_file(located)
        points = tags.annotations[7]['keypoints']
        points[0], points[1] = (45, 25) if points[0] > 80 else (115, 95)
        (first, *_) = audit_of(tags, maps, tmp_path).suspects
        assert (first.kind, first.person, first.keypoints) == ('location', 8, (0,))
        assert not audit_of(tags, maps, tmp_path, tags_only=True).suspects

    def test_cut_boxes(self, located, maps, tmp_path):
        """Keypoints at the border of the window, inside the image."""
        tags = withhold(load_tag_file(located), views=1)
        # The maps end with the box, as those of a model that sees a little beyond it.
        rim = maps._maps[4]
        rim[:] = 0
        rim[:, 3:20, 0] = 1
        suspects = audit_of(tags, maps, tmp_path).suspects
        boxes = [s for s in suspects if s.kind == 'box']
        assert [s.person for s in boxes] == [5]


class TestReport:
    """The table and the page."""

    def test_files(self, located, maps, tmp_path):
        """All suspects in the table, the first ones with a picture; names are escaped."""
        tags = withhold(load_tag_file(located), views=4)
        for person in tags.annotations[:3]:
            row = rows_of(person)[1]
            row[:] = [1 - tag for tag in row]
        audit = audit_of(tags, maps, tmp_path)
        said = write_report(audit, tmp_path / 'out', 2)
        assert f'{audit.labels} labels of {PERSONS} persons' in said
        with open(tmp_path / 'out' / 'suspects.csv', newline='') as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == len(audit.suspects)
        assert rows[0]['rank'] == '1' and rows[0]['kind'] == 'answer'
        pictures = sorted(p.name for p in (tmp_path / 'out' / 'pictures').iterdir())
        assert pictures == ['0001.jpg', '0002.jpg']
        page = (tmp_path / 'out' / 'index.html').read_text()
        assert page.count('<li>') == 2 and 'http' not in page


def test_withheld_coordinates_change_nothing(tmp_path, located, maps):
    """Two files that differ in coordinates alone give the same audit, with --tags-only."""
    reports = []
    for number in (0, 1):
        tags = load_tag_file(located)
        tagged = withhold(load_tag_file(located), views=3)
        for person, labels in zip(tags.annotations, tagged.annotations):
            person.update({k: labels[k] for k in ('keypoint_tags', 'tag_views')})
            person['keypoint_tags'][3] = 1 - person['keypoint_tags'][3]
            if number:
                person['keypoints'] = [v if i % 3 == 2 else 7.5 * i for i, v in
                                       enumerate(person['keypoints'])]  # fmt: skip
        audit = audit_of(tags, maps, tmp_path, tags_only=True)
        write_report(audit, tmp_path / str(number), 3)
        files = sorted((tmp_path / str(number)).rglob('*.*'))
        reports.append([path.read_bytes() for path in files])
    assert len(reports[0]) == 5 and reports[0] == reports[1]
