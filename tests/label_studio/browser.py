"""Answer tasks of a running Label Studio in headless Chromium. ``round_trip.py`` calls it."""

import json
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

SIZE = dict(width=1500, height=1000)
KEYS = '123456789qwetyiasdfgjzxcnm'  # as lfhpe_mmpose/annotation/plan/forms.py has them
CONTROLS = '.lsf-choices label'
# The choices that cannot be seen without scrolling.
HIDDEN = """all => all.filter(e => {
    const b = e.getBoundingClientRect();
    const x = b.x + Math.min(b.width / 2, 20), y = b.y + b.height / 2;
    return y > innerHeight || x > innerWidth || !e.contains(document.elementFromPoint(x, y));
}).map(e => e.innerText)"""


def main(path: str) -> None:
    """Do the job that ``round_trip.py`` wrote."""
    job = json.loads(Path(path).read_text())
    with sync_playwright() as playwright:
        options = ['--no-sandbox'] if Path('/proc/self').owner() == 'root' else []
        browser = playwright.chromium.launch(executable_path=job['chromium'], args=options)
        page = browser.new_page(viewport=SIZE)
        page.set_default_timeout(60_000)
        page.goto(f'{job["url"]}/user/login/')
        page.fill('input[name=email]', job['user'])
        page.fill('input[name=password]', job['password'])
        page.press('input[name=password]', 'Enter')
        page.wait_for_load_state('networkidle')
        for number, task in enumerate(job['tasks']):
            answer(page, job, task, by_keys=number % 2 == 1)
        browser.close()


def answer(page: Page, job: dict[str, Any], task: dict[str, Any], by_keys: bool) -> None:
    """Open a task, look at it, answer it by clicks or by keys, and submit."""
    page.goto(f'{job["url"]}/projects/{job["project"]}/data?task={task["id"]}')
    submit = page.get_by_role('button', name='Submit')
    submit.wait_for()
    page.wait_for_function(
        "[...document.querySelectorAll('img')].some(i => i.naturalWidth > 90 && i.complete)"
    )
    picture = task['data']['picture']
    tags, names, form = job['answers'][picture], job['names'], job['form']
    choices = page.locator(CONTROLS)
    expected = 2 * len(names) + 1 if form == 'ticks' else 3 * len(names)
    page.wait_for_function(f'document.querySelectorAll("{CONTROLS}").length == {expected}')
    for _ in range(20):  # a loading page covers them
        hidden = choices.evaluate_all(HIDDEN)
        if not hidden:
            break
        page.wait_for_timeout(1000)
    assert not hidden, f'off the screen: {hidden}'
    page.screenshot(path=str(Path(job['out']) / f'{picture}.png'))
    if by_keys:
        page.locator('body').press('Escape')
        for key in keys(tags, form):
            page.keyboard.press(key)
    else:
        for i in clicks(tags, form):
            choices.nth(i).click()
    if form == 'questions' and by_keys:  # "cannot tell" has no key
        for i in (3 * k + 2 for k, tag in enumerate(tags) if tag == -1):
            choices.nth(i).click()
    with page.expect_response(
        lambda r: '/annotations' in r.url and r.request.method == 'POST'
    ) as response:
        submit.click()
    assert response.value.ok, response.value.text()


def keys(tags: list[int], form: str) -> list[str]:
    """The hotkeys of an answer."""
    plain = [KEYS[k] for k, tag in enumerate(tags) if tag == 1]
    other = 0 if form == 'questions' else -1
    shifted = [f'Shift+{KEYS[k]}' for k, tag in enumerate(tags) if tag == other]
    return [*(plain or (['0'] if form == 'ticks' else [])), *shifted]


def clicks(tags: list[int], form: str) -> list[int]:
    """Indices of the choices of an answer."""
    if form == 'questions':
        return [3 * k + {1: 0, 0: 1, -1: 2}[tag] for k, tag in enumerate(tags)]
    seen = [k for k, tag in enumerate(tags) if tag == 1] or [len(tags)]
    return [*seen, *(len(tags) + 1 + k for k, tag in enumerate(tags) if tag == -1)]


if __name__ == '__main__':
    main(sys.argv[1])
