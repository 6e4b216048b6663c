"""Plan, annotate in a running Label Studio, export, import, compare. See README.md here."""

import argparse
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
USER, PASSWORD, TOKEN = 'a@example.org', secrets.token_hex(8), secrets.token_hex(20)
WORDS = {1: 'visible', 0: 'not visible', -1: 'cannot tell'}


def main() -> None:
    """Run the round trip for both forms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--label-studio', required=True, help='the program label-studio')
    parser.add_argument('--forms', nargs='+', default=['questions', 'ticks'])
    parser.add_argument('--keep', help='folder to keep the files and the pictures of the screen')
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(args.keep or temporary).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        lfhpe = [sys.executable, '-c', 'from lfhpe_mmpose.cli import main; main()']
        make_people(folder)
        program = str(Path(args.label_studio).absolute())
        with server(program, folder) as url:
            for form in args.forms:
                round_trip(lfhpe, program, url, folder, form)
    print(f'The round trip is exact: {", ".join(args.forms)}.')


def make_people(folder: Path) -> None:
    """Synthetic people, and the right answers from their coordinates."""
    code = (
        'import sys; from pathlib import Path;'
        'from lfhpe_mmpose.datasets.synthetic import generate_people as g;'
        "g(Path(sys.argv[1]), num_train=6, num_val=2, seed=3, keypoints='lsp', progress=False)"
    )
    if not (folder / 'people').exists():
        run([sys.executable, '-c', code, str(folder / 'people')])


def round_trip(lfhpe: list[str], program: str, url: str, folder: Path, form: str) -> None:
    """Answer every picture of a plan, half by the API and half in the browser."""
    truth = folder / 'people' / 'annotations' / 'person_keypoints_train.json'
    plan = [*lfhpe, 'plan', str(folder / 'people' / 'train'), '--out', form, '--like', str(truth)]
    run([*plan, '--boxes', str(truth), '--views', '2', '--form', form], cwd=folder)
    out = folder / form
    names = json.loads((out / 'plan.json').read_text())['categories'][0]['keypoints']
    tasks = json.loads((out / 'label_studio_tasks.json').read_text())
    answers = {
        task['data']['picture']: [(i + k) % 3 - 1 for k in range(len(names))]
        for i, task in enumerate(tasks)
    }
    if form == 'ticks':  # a picture on which nothing is visible
        answers[tasks[0]['data']['picture']] = [0] * (len(names) - 1) + [-1]
    config = (out / 'label_studio_config.xml').read_text()
    project = call(url, 'POST', 'projects/', dict(title=form, label_config=config))['id']
    storage = dict(project=project, path=str(out / 'views'), title=form, use_blob_urls=True)
    call(url, 'POST', 'storages/localfiles/', storage)
    call(url, 'POST', f'projects/{project}/import', tasks)
    found = call(url, 'GET', f'tasks/?project={project}&page_size=1000')['tasks']
    assert len(found) == len(tasks), (len(found), len(tasks))
    by_browser = found[::2] if chromium() else []
    if not by_browser:
        print('No chromium on the PATH: the part in the browser is skipped.')
    for task in found:
        if task not in by_browser:
            result = results(answers[task['data']['picture']], names, form)
            call(url, 'POST', f'tasks/{task["id"]}/annotations/', dict(result=result))
    if by_browser:
        annotate(program, url, folder, project, by_browser, answers, names, form)
    for kind in ('JSON', 'JSON_MIN'):
        export = out / f'export_{kind.lower()}.json'
        data = call(url, 'GET', f'projects/{project}/export?exportType={kind}')
        export.write_text(json.dumps(data))
        assert len(data) == len(tasks), (kind, len(data))
        tags = out / f'tags_{kind.lower()}.json'
        command = [*lfhpe, 'import', 'label-studio', str(export), '--plan', 'plan.json']
        run([*command, '--out', str(tags)], cwd=out)
        compare(json.loads(tags.read_text()), out, answers, names)
        print(f'{form}, {kind}: {len(tasks)} pictures, {len(by_browser)} of them in the browser')


def results(tags: list[int], names: list[str], form: str) -> list[dict[str, Any]]:
    """An annotation as Label Studio's API takes it."""

    def entry(control: str, *choices: str) -> dict[str, Any]:
        value = dict(choices=list(choices))
        return dict(from_name=control, to_name='picture', type='choices', value=value)

    if form == 'questions':
        return [entry(name, WORDS[tag]) for name, tag in zip(names, tags, strict=True)]
    seen = [name for name, tag in zip(names, tags, strict=True) if tag == 1]
    unknown = [name for name, tag in zip(names, tags, strict=True) if tag == -1]
    out = [entry('visible', *(seen or ['none of these']))]
    return [*out, entry('cannot_tell', *unknown)] if unknown else out


def annotate(
    program: str,
    url: str,
    folder: Path,
    project: int,
    tasks: list[dict[str, Any]],
    answers: dict[str, list[int]],
    names: list[str],
    form: str,
) -> None:
    """Answer tasks in headless Chromium by clicks and keys, and look at what is on the screen."""
    job = dict(url=url, project=project, tasks=tasks, answers=answers, names=names, form=form)
    job |= dict(user=USER, password=PASSWORD, chromium=chromium(), out=str(folder / form))
    (folder / 'job.json').write_text(json.dumps(job))
    python = Path(program).with_name('python')
    run([str(python), str(Path(__file__).with_name('browser.py')), str(folder / 'job.json')])


def compare(
    tags: dict[str, Any], out: Path, answers: dict[str, list[int]], names: list[str]
) -> None:
    """Each picture's answer is the tag of its person or view."""
    persons = {person['id']: person for person in tags['annotations']}
    plan = json.loads((out / 'plan.json').read_text())
    windows = {a['id']: a.get('tag_views', []) for a in plan['annotations']}
    assert tags['categories'][0]['keypoints'] == names
    for picture in plan['plan']['pictures']:
        person, view = persons.get(picture['annotation'], {}), picture['view']
        wanted = answers[Path(picture['file']).name]
        if view == 0:
            got = person.get('keypoint_tags')
        else:
            window = windows[picture['annotation']][view - 1]['bbox']
            views = {tuple(v['bbox']): v['keypoint_tags'] for v in person.get('tag_views', [])}
            got = views.get(tuple(window))
        assert got == wanted, (picture, got, wanted)


@contextmanager
def server(program: str, folder: Path) -> Iterator[str]:
    """Run Label Studio on the loopback; yields its address."""
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    env = {
        **os.environ,
        'LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED': 'true',
        'LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT': str(folder),
        'LABEL_STUDIO_BASE_DATA_DIR': str(folder / 'label_studio'),
        'LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN': 'true',
        'COLLECT_ANALYTICS': 'false',
    }
    command = [program, 'start', '--no-browser', '--internal-host', '127.0.0.1', '--port']
    command += [str(port), '--username', USER, '--password', PASSWORD, '--user-token', TOKEN]
    with open(folder / 'server.log', 'w') as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
    url = f'http://127.0.0.1:{port}'
    try:
        for _ in range(300):
            if process.poll() is not None:
                raise SystemExit(f'Label Studio ended: {(folder / "server.log").read_text()}')
            try:
                call(url, 'GET', 'projects/')
                break
            except OSError:
                time.sleep(1)
        else:
            raise SystemExit(f'no answer in 300 s: {(folder / "server.log").read_text()}')
        yield url
    finally:
        process.terminate()
        process.wait(30)


def call(url: str, method: str, path: str, data: Any = None) -> Any:
    """Call the API; an error shows the answer."""
    body = None if data is None else json.dumps(data).encode()
    headers = {'Authorization': f'Token {TOKEN}', 'Content-Type': 'application/json'}
    request = urllib.request.Request(f'{url}/api/{path}', body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise SystemExit(f'{method} {path}: {error.code} {error.read()[:500]!r}') from None


def chromium() -> str | None:
    """The browser, if there is one."""
    return shutil.which('chromium') or shutil.which('chromium-browser')


def run(command: list[str], cwd: Path | None = None) -> None:
    """Run a program; its output is shown if it fails."""
    env = {**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f'{" ".join(command)}\n{done.stdout}\n{done.stderr}')


if __name__ == '__main__':
    main()
