"""The page docs/try in a real browser: the model runs there as it runs here."""

import json
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from lfhpe_mmpose.cli import main
from lfhpe_mmpose.runtime import OnnxPredictor
from tests.exported import exported_model

pytest.importorskip('onnxruntime', reason='ONNX Runtime is not installed')
pytest.importorskip('onnx', reason='onnx is not installed')
playwright = pytest.importorskip('playwright.sync_api', reason='Playwright is not installed')
CHROMIUM = shutil.which('chromium') or shutil.which('google-chrome')
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason='no chromium on this machine'),
    pytest.mark.skipif(shutil.which('npm') is None, reason='no npm, which brings the runtime'),
]
ROOT = Path(__file__).resolve().parents[1]
MODELS = ('people', 'others')
CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']


@pytest.fixture(scope='module')
def site(tmp_path_factory):
    """The built page with a small model, and the model's file."""
    folder = tmp_path_factory.mktemp('site')
    shutil.copy(exported_model(tmp_path_factory).path, folder / 'tiny.onnx')
    command = ['tools/build_browser.py', '--out', str(folder / 'try')]
    done = subprocess.run(
        [sys.executable, *command, *(f'{name}={folder / "tiny.onnx"}' for name in MODELS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if 'npm could not fetch' in done.stderr:
        pytest.skip('npm cannot reach its registry')
    assert done.returncode == 0, done.stderr
    return folder


class Server:
    """Python's file server, which knows nothing of the page."""

    def __init__(self, folder):
        with socket.create_server(('127.0.0.1', 0)) as free:
            port = str(free.getsockname()[1])
        self.address = f'http://127.0.0.1:{port}/'
        self.process = subprocess.Popen(
            [sys.executable, '-m', 'http.server', port, '--bind', '127.0.0.1', '-d', folder],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(100):
            try:
                socket.create_connection(('127.0.0.1', int(port))).close()
                return
            except OSError:
                time.sleep(0.1)

    def stop(self):
        """End it."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def server(site):
    """A server of the page."""
    server = Server(site / 'try')
    yield server
    server.stop()


@pytest.fixture
def tab(server):
    """Opens the page: ``tab(**options)``."""
    with playwright.sync_playwright() as p:
        browsers = []

        def open_tab(arguments=(), query='', **options):
            browser = p.chromium.launch(
                executable_path=CHROMIUM, args=['--no-sandbox', *arguments]
            )
            browsers.append(browser)
            page = browser.new_context(**options).new_page()
            page.wrong = []
            page.on('pageerror', lambda error: page.wrong.append(str(error)))
            page.goto(server.address + query)
            wait_ready(page)
            return page

        yield open_tab
        for browser in browsers:
            browser.close()


def wait_ready(page):
    """Wait for the model."""
    status = "document.getElementById('status').textContent"
    page.wait_for_function(f"{status}.startsWith('Ready')", timeout=60_000)


def after(page, act):
    """Do something, and wait until the model has answered."""
    page.evaluate('delete document.body.dataset.done')
    act()
    page.wait_for_function('document.body.dataset.done', timeout=60_000)


def downloaded(page, button):
    """The content of a file that the page gives."""
    with page.expect_download() as waiting:
        page.click(button)
    return json.loads(Path(waiting.value.path()).read_text())


def picture(folder, size=(90, 120), name='picture.png'):
    """A blurred PNG, whose pixels every program reads alike."""
    rng = np.random.default_rng(0)
    pixels = cv2.GaussianBlur(rng.integers(0, 255, (*size, 3), np.uint8), (0, 0), 3)
    path = folder / name
    cv2.imwrite(str(path), cv2.normalize(pixels, None, 0, 255, cv2.NORM_MINMAX))
    return path


class TestSame:
    """Against ``OnnxPredictor``."""

    @pytest.mark.parametrize('threads', [1, 2])
    def test_keypoints_and_files(self, tab, site, tmp_path, threads):
        """Boxes by mouse; keypoints as here; the tag file passes the checker."""
        page = tab(query=f'?threads={threads}')
        assert page.evaluate('document.body.dataset.threads') == str(threads)
        path = picture(tmp_path)
        after(page, lambda: page.set_input_files('#file', path))
        frame = page.locator('#picture').bounding_box()

        def at(x, y):
            return frame['x'] + x * frame['width'] / 120, frame['y'] + y * frame['height'] / 90

        def drag():
            page.mouse.move(*at(30, 10))
            page.mouse.down()
            page.mouse.move(*at(60, 50))
            page.mouse.move(*at(90, 80))
            page.mouse.up()

        after(page, drag)
        page.evaluate("document.getElementById('limit').value = 0")
        page.dispatch_event('#limit', 'input')
        found = downloaded(page, '#save-coco')
        boxes = np.array([entry['bbox'] for entry in found['annotations']])
        np.testing.assert_allclose(boxes, [[0, 0, 120, 90], [30, 10, 60, 70]], atol=0.6)
        boxes[:, 2:] += boxes[:, :2]
        (right,) = OnnxPredictor(site / 'tiny.onnx', threads=1)([(str(path), boxes)])
        points = np.array([entry['keypoints'] for entry in found['annotations']])
        points = points.reshape(2, 14, 3)
        apart = np.abs(points[..., :2] - [p.keypoints for p in right.persons]).max(-1)
        # The box in the file is rounded to a tenth of a pixel.
        assert (apart < 0.2).mean() > 0.95, apart
        scores = [entry['keypoint_scores'] for entry in found['annotations']]
        np.testing.assert_allclose(scores, [p.scores for p in right.persons], atol=5e-3)
        given = downloaded(page, '#save-tags')
        assert 'keypoints' not in given['annotations'][0]
        (tmp_path / 'tags.json').write_text(json.dumps(given))
        surely = [
            np.select([p.probs >= 0.9, p.probs > 0.1], [1, -1]).tolist() for p in right.persons
        ]
        assert [entry['keypoint_tags'] for entry in given['annotations']] == surely
        # An untrained model is sure of nothing, which is all that the checker has to say.
        unsure = ['--ignore', 'no-persons', 'teaches-nothing']
        main(['check', str(tmp_path / 'tags.json'), '--images', str(tmp_path), *unsure])
        assert not page.wrong


class TestPage:
    """What a person meets."""

    def test_keyboard(self, tab, tmp_path):
        """Add, move, resize and remove a box; maps and the table."""
        page = tab()
        after(page, lambda: page.set_input_files('#file', picture(tmp_path)))
        after(page, lambda: page.press('#add', 'Enter'))
        before = page.evaluate('document.activeElement.id')
        assert before == 'picture'
        after(page, lambda: page.keyboard.press('ArrowRight'))
        after(page, lambda: page.keyboard.press('Shift+ArrowDown'))
        x, y, width, height = downloaded(page, '#save-coco')['annotations'][1]['bbox']
        np.testing.assert_allclose([x, y, width, height], [32.4, 11.25, 60, 69.9], atol=0.051)
        assert page.locator('#rows tr').count() == 14
        drawn = page.evaluate("document.getElementById('picture').toDataURL()")
        page.select_option('#keypoint', '3')
        page.evaluate("document.getElementById('mix').value = 0")
        page.dispatch_event('#mix', 'input')
        assert drawn != page.evaluate("document.getElementById('picture').toDataURL()")
        page.focus('#picture')
        after(page, lambda: page.keyboard.press('Delete'))
        assert len(downloaded(page, '#save-coco')['annotations']) == 1
        assert not page.wrong

    def test_several_pictures(self, tab, tmp_path):
        """All are looked at, each keeps its boxes, and the files hold all of them."""
        paths = [picture(tmp_path, (60 + 10 * i, 80), f'{i}.png') for i in range(3)]
        (tmp_path / '3.png').write_bytes(b'no picture')
        page = tab()
        after(page, lambda: page.set_input_files('#file', [*paths, tmp_path / '3.png']))
        assert '3.png is not a picture' in page.text_content('#status.wrong')
        page.select_option('#shown', '1')
        after(page, lambda: page.click('#add'))
        page.select_option('#shown', '0')
        page.select_option('#shown', '1')
        assert page.locator('#person option').count() == 2
        found = downloaded(page, '#save-coco')
        assert [image['file_name'] for image in found['images']] == ['0.png', '1.png', '2.png']
        assert [entry['image_id'] for entry in found['annotations']] == [1, 2, 2, 3]
        assert [image['height'] for image in found['images']] == [60, 70, 80]
        assert not page.wrong

    def test_another_model(self, tab, tmp_path):
        """It looks at every picture anew, not only at the one that is shown."""
        page = tab()
        paths = [picture(tmp_path, (60 + 10 * i, 80), f'{i}.png') for i in range(3)]
        after(page, lambda: page.set_input_files('#file', paths))
        page.evaluate(
            '() => { window.asked = []; const post = Worker.prototype.postMessage;'
            'Worker.prototype.postMessage = function (message, ...rest) {'
            ' window.asked.push(message.type); return post.call(this, message, ...rest); }; }'
        )
        after(page, lambda: page.locator('#models input').nth(1).check())
        assert page.evaluate('window.asked') == ['load', 'find', 'find', 'find']
        assert not page.wrong

    def test_bad_file(self, tab, tmp_path):
        """A message that names it; the page goes on."""
        (tmp_path / 'notes.jpg').write_text('no picture')
        page = tab()
        page.set_input_files('#file', tmp_path / 'notes.jpg')
        page.wait_for_selector('#status.wrong')
        assert 'notes.jpg is not a picture' in page.text_content('#status')
        after(page, lambda: page.set_input_files('#file', picture(tmp_path)))
        assert not page.locator('#status.wrong').count()

    def test_camera(self, tab):
        """Denied, or none there: a message. Allowed: a picture is taken."""
        page = tab(CAMERA[:1])
        page.click('#camera')
        page.wait_for_selector('#status.wrong')
        assert 'The camera was not allowed' in page.text_content('#status')
        page = tab(CAMERA, permissions=['camera'])
        page.click('#camera')
        page.wait_for_selector('#shoot:visible')
        after(page, lambda: page.press('#shoot', 'Enter'))
        assert page.locator('#rows tr').count() == 14

    def test_without_network(self, tab, server, tmp_path):
        """After the first visit the server may be gone."""
        page = tab()
        server.stop()
        page.reload()
        wait_ready(page)
        after(page, lambda: page.set_input_files('#file', picture(tmp_path)))

    def test_phone(self, tab, tmp_path):
        """Nothing is wider than the screen, and a finger can hit each button."""
        page = tab(viewport=dict(width=390, height=800), has_touch=True, is_mobile=True)
        after(page, lambda: page.set_input_files('#file', picture(tmp_path, (300, 900))))
        assert page.evaluate('document.documentElement.scrollWidth') <= 390
        heights = page.eval_on_selector_all(
            'button:not([hidden])', 'all => all.map(b => b.getBoundingClientRect().height)'
        )
        assert min(heights) >= 40


def test_no_models(tmp_path, site, monkeypatch):
    """A page that was not built says how to build it."""
    shutil.copytree(site / 'try', tmp_path / 'try', ignore=shutil.ignore_patterns('models'))
    server = Server(tmp_path / 'try')
    try:
        with playwright.sync_playwright() as p:
            browser = p.chromium.launch(executable_path=CHROMIUM, args=['--no-sandbox'])
            page = browser.new_page()
            page.goto(server.address)
            page.wait_for_selector('#status.wrong', timeout=60_000)
            assert 'make browser' in page.text_content('#status')
    finally:
        server.stop()
