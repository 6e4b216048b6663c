"""A loop of asking and training: what it does, what it leaves out, how it goes on."""

import json
from pathlib import Path

import pytest

from lfhpe_mmpose.annotation.asking import loop
from lfhpe_mmpose.annotation.asking.loop import begin_loop, run_loop
from lfhpe_mmpose.tags import load_tag_file
from tests.refusal import refuses

from .people import annotator, answer_all, truth_of, write_plan


@pytest.fixture
def steps(tmp_path, monkeypatch):
    """A loop whose page and trainings are replaced; what it did is written down."""
    plan = write_plan(tmp_path, 60)
    folder, done = tmp_path / 'loop', []

    def ask(session):
        done.append(f'ask {session.progress("")["answers"]}')
        answer_all(session, annotator(truth_of(60)))

    def train(words):
        done.append(words[0])
        run = Path(words[1]).parent / 'run'
        run.mkdir()
        (run / 'last_checkpoint').write_text(str(run / 'epoch_6.pth'))

    def maps(config, weights, *rest):
        done.append(f'look {config.rpartition("loop/")[2]} {weights.rpartition("/")[2]}')

    monkeypatch.setattr(loop, 'model_maps', maps)
    given = dict(plan=str(plan), images=str(tmp_path / 'images'))
    settings = begin_loop(folder, given, rounds=2, budget=800)
    return lambda ask=ask, train=train: run_loop(folder, settings, None, ask, train), done, folder


class TestLoop:
    """The order of the steps."""

    def test_ask_train_confirm_train(self, steps):
        """Each round ends at its share of the budget; the second starts from the first's model."""
        go, done, folder = steps
        said = go()
        assert done[:4] == ['ask 0', 'train', 'look round1/config.py epoch_6.pth', done[3]]
        assert int(done[3].split()[1]) >= 400 and done[4:] == ['train']
        answered = [load_tag_file(folder / f'round{n}' / 'tags.json') for n in (1, 2)]
        first, second = (
            sum(a['answers'] for a in tags.rest['info']['annotators']) for tags in answered
        )
        assert 400 <= first < 410 and 800 <= second < 810
        assert 'lfhpe predict' in said and 'round2/config.py' in said
        go()
        assert len(done) == 5, 'what is done is not done again'

    def test_it_goes_on_where_it_stopped(self, steps):
        """Ctrl-C on the page, and in the training."""
        go, done, folder = steps

        def interrupted(words):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            go(ask=lambda session: None)
        assert not (folder / 'round1' / 'tags.json').exists()
        with pytest.raises(KeyboardInterrupt):
            go(train=interrupted)
        go()
        assert [step.split()[0] for step in done] == ['ask', 'train', 'look', 'ask', 'train']

    def test_other_settings_are_refused(self, steps):
        """A budget or a plan that differs would change rounds that are done."""
        _, _, folder = steps
        given = json.loads((folder / 'loop.json').read_text())
        plan = dict(plan=given['plan'], images=given['images'])
        assert begin_loop(folder, plan).budget == 800
        with refuses('plan-settings', 'loop.json'):
            begin_loop(folder, plan, budget=801)
        with refuses('plan-settings', 'loop.json'):
            begin_loop(folder, plan, rounds=3)
