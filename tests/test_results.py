"""The tables in the docs are those of the recorded runs."""

import csv
from pathlib import Path

import pytest

from lfhpe_mmpose.study import COLUMNS, collect_rows, read_plan, write_plots, write_tables
from tests.conftest import ROOT

RESULTS = ROOT / 'docs' / 'results'


@pytest.fixture(scope='module')
def rebuilt(tmp_path_factory) -> Path:
    """Tables and plots, made anew from the records of the runs."""
    with (RESULTS / 'lspet.csv').open() as file:
        device = next(csv.DictReader(file))['device']
    plan = read_plan(ROOT / 'tools' / 'studies' / 'lspet.py')
    rows = collect_rows(plan, RESULTS / 'runs' / 'lspet', device)
    table = tmp_path_factory.mktemp('results') / 'lspet'
    write_tables(rows, table, plan.notes)
    write_plots(rows, table)
    return table.parent


class TestResults:
    """What a reader finds in docs/results."""

    @pytest.mark.parametrize('name', ['lspet.csv', 'lspet_keypoints.csv', 'lspet.md'])
    def test_tables(self, rebuilt, name):
        """The files are those of the tool, but for the path of the study file."""
        study = str(ROOT / 'tools')
        made = (rebuilt / name).read_text().replace(study, 'tools')
        assert made == (RESULTS / name).read_text()

    def test_page_shows_the_table(self):
        """The page has the tool's table, line by line."""
        table = (RESULTS / 'lspet.md').read_text().splitlines()
        page = (RESULTS / 'README.md').read_text()
        assert '\n'.join(line for line in table if line.startswith('|')) in page

    def test_rows(self):
        """Each row has its columns, PCK in [0, 1], and a command that names a run."""
        with (RESULTS / 'lspet.csv').open() as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0]) == list(COLUMNS)
        names = {p.parent.name for p in (RESULTS / 'runs' / 'lspet').glob('*/result.json')}
        assert {row['command'].split()[-1] for row in rows} == names
        for row in rows:
            assert 0 < float(row['pck_0.1']) < float(row['pck_0.2']) < 1

    def test_plots_are_there(self, rebuilt):
        """Every plot that the rows allow is in the docs."""
        for path in rebuilt.glob('*.svg'):
            assert (RESULTS / path.name).is_file()
