"""The tables and plots in the docs are those of the recorded runs."""

import pandas as pd
import pytest

from lfhpe_mmpose.study import COLUMNS, StudyPlan, read_plan, read_rows, write_plots
from lfhpe_mmpose.study.tables import format_markdown
from tests.conftest import ROOT

RESULTS = ROOT / 'docs' / 'results'
STUDIES = ('lspet', 'lspet_tune', 'lspet_teacher', 'animalpose', 'asked', 'asked_animals')


@pytest.fixture(scope='module', params=STUDIES)
def plan(request) -> StudyPlan:
    """A study."""
    return read_plan(ROOT / 'tools' / 'studies' / f'{request.param}.py')


@pytest.fixture
def rows(plan) -> pd.DataFrame:
    """Its recorded runs."""
    return read_rows(RESULTS / plan.path.stem)


class TestResults:
    """What a reader finds in docs/results."""

    def test_rows(self, plan, rows):
        """Every run of the study has a row with all columns and PCK in [0, 1]."""
        assert list(rows['run']) == [run.name for run in plan.runs]
        assert list(rows)[: len(COLUMNS)] == list(COLUMNS)
        assert ((rows['pck_0.1'] > 0) & (rows['pck_0.1'] < rows['pck_0.2'])).all()
        assert (rows['pck_0.2'] < 1).all()

    def test_table(self, plan, rows):
        """The table is that of the rows, and a page links to it."""
        text = (RESULTS / f'{plan.path.stem}.md').read_text()
        assert text == format_markdown(rows, plan.notes)
        pages = [path.read_text() for path in RESULTS.glob('*.md')]
        assert any(f'({plan.path.stem}.md)' in page for page in pages)

    def test_plots(self, plan, rows, tmp_path):
        """Every plot that the rows allow is in the docs."""
        for path in write_plots(rows, tmp_path / plan.path.stem):
            assert (RESULTS / path.name).is_file()


def test_every_study_resolves():
    """The options of each recipe fit its config."""
    for path in sorted((ROOT / 'tools' / 'studies').glob('*.py')):
        if '\nruns = ' not in path.read_text() or path.stem.startswith('trials'):
            continue  # no study, or one that needs packages that are not installed here
        runs = {run.recipe: run for run in read_plan(path).runs}
        assert runs, path
        for run in runs.values():
            config = run.config()
            assert config.train_dataloader.dataset.pipeline[0].type == 'WithholdLocations'
