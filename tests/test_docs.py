"""What a reader can follow in the docs: links, commands and options exist, pages are current."""

import argparse
import importlib
import re
import shlex
import sys

import pytest

from lfhpe_mmpose.cli import COMMANDS, _module, make_parser
from lfhpe_mmpose.fault_codes import errors_page
from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / 'tools'))
write_reference = importlib.import_module('write_reference')

PAGES = sorted(
    path
    for path in (
        *ROOT.glob('*.md'),
        *ROOT.glob('docs/**/*.md'),
        *ROOT.glob('configs/**/*.md'),
        *ROOT.glob('weights/*.md'),
    )
    if path.name not in ('commands.md', 'CHANGELOG.md')
)
LINK = re.compile(r'\]\((?!https?:)([^)#\s]+)')
# A command at the start of a line of code, with its continuation lines.
COMMAND = re.compile(r'^ *(?:\$ )?lfhpe ([a-z-]+)((?:.*\\\n)*.*)$', re.M)


def parser_of(name: str) -> argparse.ArgumentParser:
    """The parser of a command."""
    return make_parser(name, _module(name))


@pytest.mark.parametrize('page', PAGES, ids=lambda path: str(path.relative_to(ROOT)))
class TestPage:
    """One page."""

    def test_links(self, page):
        """Every relative link leads to a file."""
        for target in LINK.findall(page.read_text(encoding='utf-8')):
            assert (page.parent / target).exists(), target

    def test_files(self, page):
        """Every file of the repository that the page names is there."""
        named = re.findall(
            r'(?<![\w/])((?:tools|tests|configs|lfhpe_mmpose)/[\w/.-]+\.(?:py|sh|json))',
            page.read_text(encoding='utf-8'),
        )
        for name in named:
            assert (ROOT / name).exists(), name

    def test_commands(self, page):
        """Every command exists and has the options that the page passes to it."""
        for name, rest in COMMAND.findall(page.read_text(encoding='utf-8')):
            assert name in COMMANDS, name
            known = parser_of(name)._option_string_actions
            words = shlex.split(rest.replace('\\\n', ' ').split(' #')[0].split(' | ')[0])
            for word in words:
                if word.startswith('--'):
                    assert word.split('=')[0] in known, f'lfhpe {name} {word}'


class TestReference:
    """The pages that follow from the code."""

    def test_commands(self, monkeypatch):
        """docs/commands.md is the help of all commands; `make docs` writes it anew."""
        monkeypatch.setenv('COLUMNS', '100')
        assert (ROOT / 'docs' / 'commands.md').read_text(encoding='utf-8') == (
            write_reference.commands_page()
        )

    def test_errors(self):
        """docs/errors.md is the catalogue of codes; `make docs` writes it anew."""
        assert (ROOT / 'docs' / 'errors.md').read_text(encoding='utf-8') == errors_page()

    def test_readme(self):
        """The README stays within 200 lines, in both languages."""
        for name in ('README.md', 'README_zh-CN.md'):
            assert len((ROOT / name).read_text(encoding='utf-8').splitlines()) <= 200
