"""The tables in the docs are those of the recorded runs."""

import csv
from pathlib import Path

import pytest

from lfhpe_mmpose.study import COLUMNS, collect_rows, read_plan, write_plots, write_tables
from tests.conftest import ROOT

RESULTS = ROOT / 'docs' / 'results'
# Each study, and the page that shows its table.
PAGES = dict(
    lspet='README.md',
    lspet_tune='README.md',
    lspet_teacher='README.md',
    lspet_first='first_recipe.md',
)


@pytest.fixture(scope='module', params=PAGES)
def study(request) -> str:
    """Name of a study."""
    return request.param


@pytest.fixture(scope='module')
def rebuilt(study, tmp_path_factory) -> Path:
    """Tables and plots of a study, made anew from the records of its runs."""
    with (RESULTS / f'{study}.csv').open() as file:
        device = next(csv.DictReader(file))['device']
    plan = read_plan(ROOT / 'tools' / 'studies' / f'{study}.py')
    rows = collect_rows(plan, RESULTS / 'runs' / study, device)
    table = tmp_path_factory.mktemp('results') / study
    write_tables(rows, table, plan.notes)
    write_plots(rows, table)
    return table.parent


class TestResults:
    """What a reader finds in docs/results."""

    @pytest.mark.parametrize('suffix', ['.csv', '_keypoints.csv', '.md'])
    def test_tables(self, study, rebuilt, suffix):
        """The files are those of the tool, but for the path of the study file."""
        made = (rebuilt / f'{study}{suffix}').read_text().replace(str(ROOT / 'tools'), 'tools')
        assert made == (RESULTS / f'{study}{suffix}').read_text()

    def test_page_shows_the_table(self, study):
        """The page has the tool's table, line by line."""
        table = (RESULTS / f'{study}.md').read_text().splitlines()
        page = (RESULTS / PAGES[study]).read_text()
        assert '\n'.join(line for line in table if line.startswith('|')) in page

    def test_rows(self, study):
        """Each row has its columns, PCK in [0, 1], and a command that names a run."""
        with (RESULTS / f'{study}.csv').open() as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0]) == list(COLUMNS)
        names = {p.parent.name for p in (RESULTS / 'runs' / study).glob('*/result.json')}
        assert {row['command'].split()[-1] for row in rows} == names
        for row in rows:
            assert 0 < float(row['pck_0.1']) < float(row['pck_0.2']) < 1

    def test_plots_are_there(self, study, rebuilt):
        """Every plot that the rows allow is in the docs."""
        for path in rebuilt.glob('*.svg'):
            assert (RESULTS / path.name).is_file()
