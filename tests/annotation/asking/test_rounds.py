"""Rounds for other programs: a round, its answers as a table, the next round."""

import csv
import json

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.annotation.asking.given import given_answers
from lfhpe_mmpose.annotation.asking.plan_source import AskPlan
from lfhpe_mmpose.annotation.asking.prior import Prior
from lfhpe_mmpose.annotation.asking.questions import Question
from lfhpe_mmpose.annotation.asking.rounds import RoundOptions, plan_round
from lfhpe_mmpose.cli import main
from lfhpe_mmpose.tags import load_tag_file
from tests.refusal import refuses

from .people import NAMES, annotator, truth_of, write_plan


def answer(out, truth) -> None:
    """Fill in the table of a round rightly."""
    plan = load_tag_file(out / 'plan.json')
    persons = {a['id']: a for a in plan.annotations}
    person_of = annotator(truth)
    with open(out / 'questions.csv', newline='') as file:
        header, *rows = csv.reader(file)
    pictures = {p['file']: p for p in plan.rest['plan']['pictures']}
    for row in rows:
        picture = pictures[row[0]]
        kind = 'window' if picture['view'] else 'whole'
        views = persons[picture['annotation']].get('tag_views')
        window = tuple(views[picture['view'] - 1]['bbox']) if picture['view'] else (0, 0, 160, 120)
        asked = Question('', picture['annotation'], kind, (0, 1, 2, 3), window)
        row[1:] = map(str, person_of.right(asked))
    with open(out / 'questions.csv', 'w', newline='') as file:
        csv.writer(file).writerows([header, *rows])


def next_round(folder, number: int, *options: str) -> None:
    """Plan a round by the command."""
    command = ['plan', str(folder / 'images'), '--out', str(folder / f'round{number}'), '--next']
    main([*command, '--answers', str(folder / f'tags{number - 1}.json'), *options])


class TestRounds:
    """A plan without answers, then round after round."""

    def test_persons_are_asked_about_different_windows(self, tmp_path, capsys):
        """A first round about the same half of everybody would teach a model little."""
        write_plan(tmp_path, 6).rename(tmp_path / 'tags0.json')
        next_round(tmp_path, 1, '--boxes', str(tmp_path / 'tags0.json'))
        persons = load_tag_file(tmp_path / 'round1' / 'plan.json').annotations
        views = [a['tag_views'][0]['bbox'] for a in persons]
        boxes = [a['bbox'] for a in persons]
        parts = {tuple(np.round(np.divide(v[2:], b[2:]), 2)) for v, b in zip(views, boxes)}
        assert len(parts) > 3

    def test_rounds_lead_to_the_places(self, tmp_path, capsys):
        """By the commands alone: plan, import a table, merge."""
        truth = truth_of(5)
        write_plan(tmp_path, 5).rename(tmp_path / 'tags0.json')
        everybody = '--boxes', str(tmp_path / 'tags0.json')
        for number in range(1, 10):
            next_round(tmp_path, number, *everybody)
            out = tmp_path / f'round{number}'
            answer(out, truth)
            said = tmp_path / f'said{number}.json'
            plan = '--plan', str(out / 'plan.json'), '--out', str(said)
            main(['import', 'table', str(out / 'questions.csv'), *plan])
            merged = str(tmp_path / f'tags{number}.json')
            main(['merge', str(tmp_path / f'tags{number - 1}.json'), str(said), '--out', merged])
        plan = AskPlan(merged, tmp_path / 'images')
        far = []
        for annotation, where in load_tag_file(merged).with_index():
            entry = plan.persons[annotation['id']]
            belief = Prior(4).belief(entry.id, entry.grid())
            for given in given_answers(annotation, NAMES, where, entry.grid()):
                belief.update(given, 0.01)
            points = truth[entry.id]
            far += [*np.hypot(*(belief.places - points[:, :2]).T)[points[:, 2] > 0]]
        assert np.median(far) < 8
        assert (np.array(far) < 20).mean() > 0.9

    def test_a_round_depends_on_nothing_but_its_input(self, tmp_path):
        """Two rounds of the same answers are equal to the byte; the seed orders them."""
        path = write_plan(tmp_path, 6)
        files = []
        for name, seed in (('a', 0), ('b', 0), ('c', 1)):
            options = dict(seed=seed, budget=3, progress=False)
            plan_round(
                RoundOptions(str(tmp_path / 'images'), str(tmp_path / name), str(path), **options)
            )
            files.append((tmp_path / name / 'plan.json').read_text())
        assert files[0] == files[1] != files[2]
        assert len(json.loads(files[0])['plan']['pictures']) == 3

    def test_the_window_is_outlined_and_the_rest_is_dimmed(self, tmp_path):
        """With crop, the window alone is shown."""
        path = write_plan(tmp_path, 1)
        image = np.full((120, 160, 3), 200, np.uint8)
        cv2.imwrite(str(tmp_path / 'images' / '1.png'), image)
        shares = {}
        for show in ('window', 'crop'):
            out = tmp_path / show
            options = dict(show=show, progress=False)
            planned = plan_round(
                RoundOptions(str(tmp_path / 'images'), str(out), str(path), **options)
            )
            picture = cv2.imread(str(out / planned.pictures[0].file))
            shares[show] = (picture.min(2) > 180).mean()
            *_, w, h = planned.plan.annotations[0]['tag_views'][0]['bbox']
            form = (out / 'label_studio_config.xml').read_text()
            assert ('outline' in form) == (show == 'window')
        assert shares['crop'] > 0.98
        assert shares['window'] == pytest.approx(w * h / (120 * 120), abs=0.1)

    def test_nothing_is_asked_of_settled_persons(self, tmp_path):
        """A person whose keypoints are all said to be hidden needs no picture."""
        path = write_plan(tmp_path, 2)
        tags = load_tag_file(path)
        for annotation in tags.annotations:
            annotation['tag_views'] = [dict(bbox=[0, 0, 160, 120], keypoint_tags=[0] * 4)] * 3
        tags.save(path)
        with refuses('nothing-to-ask', path):
            plan_round(RoundOptions(str(tmp_path / 'images'), str(tmp_path / 'out'), str(path)))

    @pytest.mark.parametrize('wrong', [['--next'], ['--answers', 'x.json'], ['--show', 'crop']])
    def test_options_that_do_not_fit(self, tmp_path, capsys, wrong):
        """The command names the option."""
        with pytest.raises(SystemExit) as stopped:
            main(['plan', str(tmp_path), '--out', str(tmp_path / 'out'), *wrong])
        assert stopped.value.code == 2
        assert '[option]' in capsys.readouterr().err

    def test_coordinates_of_the_answers_are_not_read(self, tmp_path):
        """The round is the same with and without them."""
        texts = []
        for name, secrets in (('a', None), ('b', truth_of(4))):
            path = write_plan(tmp_path / name, 4, secrets)
            out = tmp_path / name / 'out'
            options = dict(progress=False)
            plan_round(
                RoundOptions(str(tmp_path / name / 'images'), str(out), str(path), **options)
            )
            texts.append((out / 'plan.json').read_text())
        assert texts[0] == texts[1]
