"""The page in a real browser: a hundred answers by keyboard, and what may come between."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import numpy as np
import pytest

from lfhpe_mmpose.annotation.asking import Question, SimulatedAnnotator
from lfhpe_mmpose.annotation.asking.snapshot import export_now
from lfhpe_mmpose.tags import load_tag_file

from ..people import NAMES, truth_of, write_plan

playwright = pytest.importorskip('playwright.sync_api', reason='Playwright is not installed')
CHROMIUM = shutil.which('chromium') or shutil.which('google-chrome')
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason='no chromium on this machine'),
]
PERSONS = 30


@pytest.fixture(scope='module')
def browser():
    """A browser without a window."""
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=['--no-sandbox'])
        yield browser
        browser.close()


class Server:
    """``lfhpe ask`` in a process of its own, always on the same port."""

    def __init__(self, folder) -> None:
        self.folder = folder
        with socket.create_server(('127.0.0.1', 0)) as free:
            self.port = str(free.getsockname()[1])
        self.start()

    def start(self) -> None:
        """Start, and read the address."""
        words = ['-m', 'lfhpe_mmpose', 'ask', str(self.folder / 'plan.json'), '--port', self.port]
        self.process = subprocess.Popen(
            [sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        lines = iter(self.process.stdout.readline, '')
        self.address = next(line.split()[1] for line in lines if line.startswith('Open '))

    def kill(self) -> None:
        """Kill, without a chance to write anything."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


@pytest.fixture
def server(tmp_path):
    """A server about persons with known keypoints."""
    write_plan(tmp_path, PERSONS)
    server = Server(tmp_path)
    yield server
    server.process.kill()
    server.process.communicate()


@contextmanager
def tab(browser, server, name, **options):
    """A page of an annotator in a browser of its own."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.goto(f'{server.address}?annotator={name}')
    wait(page, 'state.question !== null || !document.getElementById("sheet").hidden')
    yield page
    context.close()


def wait(page, condition, seconds=20.0) -> float:
    """Wait for a condition in the page; the page's policy forbids Playwright's own way."""
    start = time.monotonic()
    while not page.evaluate(condition):
        assert time.monotonic() - start < seconds, condition
    return time.monotonic() - start


def question(page) -> Question | None:
    """The question that the page shows."""
    found = page.evaluate('state.question')
    if found is None:
        return None
    return Question(
        found['id'],
        found['person'] + 1,
        found['kind'],
        tuple(found['keypoints']),
        tuple(found['window']),
        tuple(tuple(circle) for circle in found['circles']),
    )


def press_answer(page, annotator) -> float:
    """Answer by keys as an annotator does; the seconds until the next picture."""
    asked = question(page)
    start = 1 if asked.kind == 'confirm' else 0
    for keypoint, value in zip(asked.keypoints, annotator.right(asked)):
        if value != start:
            page.keyboard.press(page.evaluate(f'state.about.keys[{keypoint}]'))
    page.keyboard.press('Enter')
    return wait(page, f'state.question === null || state.question.id !== "{asked.id}"')


class TestPage:
    """One annotator, two, and a phone."""

    def test_hundred_answers(self, browser, server):
        """Undo, reload and a killed server lose nothing; the export is the truth."""
        truth = truth_of(PERSONS)
        annotator = SimulatedAnnotator(truth)
        waits, errors = [], []
        with tab(browser, server, 'Ada') as page:
            page.on('pageerror', lambda error: errors.append(str(error)))
            for number in range(100):
                if number == 20:
                    now = page.evaluate('state.question.id')
                    page.keyboard.press('Backspace')
                    wait(page, f'state.question.id !== "{now}"')
                if number == 40:
                    now = question(page)
                    page.reload()
                    wait(page, 'state.question !== null')
                    assert question(page) == now
                if number == 60:
                    server.kill()
                    server.start()
                    page.goto(f'{server.address}?annotator=Ada')
                    wait(page, 'state.question !== null')
                if question(page) is None:
                    break
                waits.append(press_answer(page, annotator))
            answered = page.evaluate('state.progress.questions')
        # Undo at 20 took one back.
        assert answered == number and number > 90 and not errors
        server.process.send_signal(signal.SIGINT)
        out, err = server.process.communicate(timeout=20)
        assert 'Traceback' not in err and 'the same command continues' in err + out
        print(f'next picture after {1000 * np.median(waits):.0f} ms (median), {max(waits):.2f} s')
        path = server.folder / 'tags.json'
        done = export_now(server.folder / 'plan.json', server.folder / 'answers.jsonl', path)
        assert done['questions'] == answered
        agrees(path, annotator)

    def test_two_browsers(self, browser, server):
        """They never have the same person; the journal can be exported meanwhile."""
        annotators = {name: SimulatedAnnotator(truth_of(PERSONS)) for name in ('Ada', 'Bob')}
        with tab(browser, server, 'Ada') as one, tab(browser, server, 'Bob') as two:
            for _ in range(8):
                assert question(one).person != question(two).person
                press_answer(one, annotators['Ada'])
                press_answer(two, annotators['Bob'])
            words = ['ask', str(server.folder / 'plan.json'), '--export', 'now.json']
            subprocess.run(
                [sys.executable, '-m', 'lfhpe_mmpose', *words],
                cwd=server.folder,
                env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
                check=True,
                capture_output=True,
            )
        tags = load_tag_file(server.folder / 'now.json')
        assert 2 <= sum('keypoint_tags' in p or 'tag_views' in p for p in tags.annotations) <= 16

    def test_phone(self, browser, server):
        """On a narrow screen nothing is wider than it, and fingers are enough."""
        annotator = SimulatedAnnotator(truth_of(PERSONS))
        phone = dict(viewport=dict(width=360, height=720), is_mobile=True, has_touch=True)
        with tab(browser, server, 'Ada', **phone) as page:
            for _ in range(3):
                assert page.evaluate('document.documentElement.scrollWidth') <= 360
                asked = question(page)
                for i, value in enumerate(annotator.right(asked)):
                    if value != (asked.kind == 'confirm'):
                        page.tap(f'#answers button[data-index="{i}"]')
                page.tap('#submit')
                wait(page, f'state.question.id !== "{asked.id}"')
            page.tap('#pause')
            assert page.evaluate('!document.getElementById("sheet").hidden')

    def test_errors(self, browser, server):
        """A server that is gone is named, and work goes on when it is back."""
        with tab(browser, server, 'Ada') as page:
            server.kill()
            page.keyboard.press('Enter')
            wait(page, '!document.getElementById("sheet").hidden')
            assert 'lfhpe ask still running' in page.inner_text('#sheet-text')


def agrees(path, annotator) -> None:
    """Each tag of the file is the truth."""
    known = 0
    for person in load_tag_file(path).annotations:
        views = [(view['bbox'], view['keypoint_tags']) for view in person.get('tag_views', [])]
        whole = (-1e6, -1e6, 2e6, 2e6)
        for box, tags in [*views, (whole, person.get('keypoint_tags', {}))]:
            given = dict(zip(NAMES, tags)) if isinstance(tags, list) else tags
            asked = [k for k, name in enumerate(NAMES) if given.get(name, -1) != -1]
            right = annotator.right(Question('', person['id'], 'window', tuple(asked), tuple(box)))
            assert [given[NAMES[k]] for k in asked] == right.tolist(), json.dumps(person)
            known += len(asked)
    assert known > 200
