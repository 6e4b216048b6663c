"""Tests of the catalogue of fault codes."""

import ast
import re

from lfhpe_mmpose.fault_codes import CATALOGUE, FATAL, KINDS, errors_page
from tests.conftest import ROOT

PACKAGE = ROOT / 'lfhpe_mmpose'
# Functions whose first argument is a code.
RAISERS = {'UserError', 'Fault', 'problem'}


def calls(folder):
    """Name of the function, file, and first argument of each call in a folder."""
    for path in folder.rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, 'attr', getattr(node.func, 'id', ''))
                yield name, f'{path.relative_to(ROOT)}:{node.lineno}', node.args[0]


class TestCatalogue:
    """Every code is documented, and every documented code is used."""

    def test_raised(self):
        """Each code that the package raises is in the catalogue."""
        raised = {}
        for name, place, code in calls(PACKAGE):
            if name in RAISERS and isinstance(code, ast.Constant):
                raised[code.value] = place
        assert len(raised) > 50
        missing = {code: place for code, place in raised.items() if code not in CATALOGUE}
        assert not missing

    def test_used(self):
        """Each code occurs in the package, each code of the checker in its tests."""
        code = ''.join(p.read_text(encoding='utf-8') for p in PACKAGE.rglob('*.py'))
        tests = ''.join(
            p.read_text(encoding='utf-8') for p in (ROOT / 'tests' / 'annotation').rglob('*.py')
        )
        for other in ('files/test_json_stream.py', 'launch/checks/test_learnable.py'):
            tests += (ROOT / 'tests' / other).read_text(encoding='utf-8')
        assert not [name for name in CATALOGUE if f"'{name}'" not in code]
        assert not [name for name in KINDS if f"'{name}'" not in tests]

    def test_rows(self):
        """A code is lower case with hyphens, and each cell is filled."""
        for kind in CATALOGUE.values():
            assert re.fullmatch(r'[a-z0-9]+(-[a-z0-9]+)*', kind.code), kind
            assert kind.severity in ('error', 'warning', 'stop'), kind
            assert kind.meaning and kind.remedy, kind
        assert set(FATAL) <= set(KINDS)

    def test_page(self):
        """docs/errors.md is the page that ``make docs`` writes."""
        assert (ROOT / 'docs' / 'errors.md').read_text(encoding='utf-8') == errors_page()
