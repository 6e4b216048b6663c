"""Tests of the server: its calls, whom it refuses, and that no coordinate gets out."""

import json

import cv2
import numpy as np
import pytest

pytest.importorskip('starlette', reason='the extra ask is not installed')
from starlette.testclient import TestClient

from lfhpe_mmpose.annotation.asking.page.app import make_app
from lfhpe_mmpose.annotation.asking.page.pictures import LONGER_SIDE
from lfhpe_mmpose.annotation.asking.page.security import LARGEST_BODY

from ..people import NAMES, open_session, truth_of, write_plan

TOKEN, PORT = 'secret', 8000
BASE = f'http://127.0.0.1:{PORT}'


@pytest.fixture
def session(tmp_path):
    """A session about six persons, whose file has coordinates."""
    write_plan(tmp_path, secrets=truth_of(6))
    with open_session(tmp_path) as session:
        yield session


@pytest.fixture
def client(session):
    """A browser on this machine."""
    app = make_app(session, TOKEN, PORT)
    with TestClient(app, base_url=BASE, raise_server_exceptions=False) as client:
        yield client


def call(client, name, annotator='Ada', **content):
    """Post to the server."""
    return client.post(f'/{TOKEN}/{name}', json=dict(annotator=annotator, **content))


class TestCalls:
    """What the page asks the server."""

    def test_files(self, client):
        """The page and its files, without any address of another server in them."""
        for name in ('', 'app.js', 'draw.js', 'app.css'):
            reply = client.get(f'/{TOKEN}/{name}')
            assert reply.status_code == 200
            text = reply.text.replace('http://www.w3.org/2000/svg', '')
            assert 'http:' not in text and 'https:' not in text and 'eval(' not in text
        about = client.get(f'/{TOKEN}/about').json()
        assert about['names'] == NAMES and sorted(about['order']) == [0, 1, 2, 3]

    def test_answers(self, client, session):
        """An answer leads to the next question; undo leads back; all are counted."""
        first = call(client, 'next').json()
        assert call(client, 'next').json()['question'] == first['question']
        values = [1] * len(first['question']['keypoints'])
        second = call(
            client, 'answer', id=first['question']['id'], values=values, seconds=2
        ).json()
        assert second['question']['id'] != first['question']['id']
        assert second['progress']['questions'] == 1
        back = call(client, 'undo').json()
        assert back['undone'] and back['question'] == first['question']
        assert back['progress']['questions'] == 0 and not call(client, 'undo').json()['undone']
        skipped = call(
            client, 'answer', id=first['question']['id'], values=[], seconds=1, skipped=True
        )
        assert skipped.json()['question']['person'] != first['question']['person']

    def test_two_annotators(self, client):
        """They get different persons."""
        one, two = (call(client, 'next', name).json() for name in ('Ada', 'Bob'))
        assert one['question']['person'] != two['question']['person']

    def test_the_end(self, client):
        """After the last question there is none."""
        for _ in range(500):
            question = call(client, 'next').json()['question']
            if question is None:
                break
            values = [0] * len(question['keypoints'])
            call(client, 'answer', id=question['id'], values=values, seconds=1)
        assert question is None

    def test_image(self, client, session, tmp_path):
        """Large images are scaled."""
        large = np.zeros((100, 2 * LONGER_SIDE, 3), np.uint8)
        cv2.imwrite(str(session.image_path(1)), large)
        reply = client.get(f'/{TOKEN}/image/0')
        picture = cv2.imdecode(np.frombuffer(reply.content, np.uint8), 1)
        assert reply.headers['content-type'] == 'image/jpeg'
        assert picture.shape == (50, LONGER_SIDE, 3)


class TestRefused:
    """Requests of nobody on this machine, and broken ones."""

    @pytest.mark.parametrize(
        'headers',
        [
            dict(host='evil.example'),
            dict(host=f'127.0.0.1:{PORT + 1}'),
            dict(origin='http://evil.example'),
            dict(origin='null'),
            {'sec-fetch-site': 'cross-site'},
        ],
    )
    def test_others(self, client, headers):
        """Another host, another origin, another page."""
        reply = client.get(f'/{TOKEN}/about', headers=headers)
        assert reply.status_code == 403 and reply.json()['code'] == 'forbidden'

    @pytest.mark.parametrize(
        'path',
        ['/', '/about', '/secre/about', '/secret1/about', '//secret/about', '/s\u00e9cret/'],
    )
    def test_token(self, client, path):
        """Without the token there is nothing, not even a hint at what exists."""
        assert client.get(path).status_code == 403

    @pytest.mark.parametrize(
        'path',
        ['../plan.json', '..%2fplan.json', 'image/../../plan.json', 'image/%2e%2e', 'image/-1'],
    )
    def test_files_outside(self, client, path):
        """No other file is served."""
        reply = client.get(f'/{TOKEN}/{path}')
        assert reply.status_code >= 400 and 'keypoints' not in reply.text

    def test_headers(self, client):
        """A page with nothing from outside, in no frame, whose address is not passed on."""
        for path in (f'/{TOKEN}/', f'/{TOKEN}/image/0', '/'):
            headers = client.get(path).headers
            policy = headers['content-security-policy']
            assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
            assert headers['referrer-policy'] == 'no-referrer'

    @pytest.mark.parametrize(
        'content',
        [
            b'', b'{', b'[]', b'"text"', b'{"annotator": 5}', b'{"annotator": ""}',
            b'{"annotator": "a\\u0000b"}', b'{"annotator": "%s"}' % (b'x' * 61),
            b'{"annotator": NaN}', b'[' * 40000,
        ],
    )  # fmt: skip
    def test_body(self, client, content):
        """What is not an object with a name."""
        headers = {'content-type': 'application/json'}
        reply = client.post(f'/{TOKEN}/next', content=content, headers=headers)
        assert reply.status_code == 400 and reply.json()['fault']

    def test_form_and_size(self, client):
        """A form, which another page could send, and a body without end."""
        reply = client.post(f'/{TOKEN}/next', data=dict(annotator='Ada'))
        assert reply.status_code == 415
        reply = client.post(f'/{TOKEN}/next', content=b' ' * (LARGEST_BODY + 1))
        assert reply.status_code == 413

    @pytest.mark.parametrize(
        'change',
        [
            dict(id='other'), dict(id=5), dict(values=[1]), dict(values='1111'),
            dict(values=[2, 0, 0, 0]), dict(values=[True] * 4), dict(seconds=-1),
            dict(seconds='1'), dict(seconds=None), dict(seconds=1e9), dict(skipped='yes'),
        ],
    )  # fmt: skip
    def test_answer(self, client, session, change):
        """A wrong answer is refused with a message, and nothing is saved."""
        question = call(client, 'next').json()['question']
        given = dict(id=question['id'], values=[0] * len(question['keypoints']), seconds=1)
        reply = call(client, 'answer', **{**given, **change})
        assert reply.status_code == 400 and reply.json()['fault']
        assert session.progress('Ada')['questions'] == 0

    def test_fault_of_the_server(self, client, session, monkeypatch, capsys):
        """It is named in the window of the server, not in the browser."""
        monkeypatch.setattr(session, 'next', lambda name: 1 / 0)
        reply = call(client, 'next')
        assert reply.status_code == 500 and 'ZeroDivision' not in reply.text
        assert 'ZeroDivisionError' in capsys.readouterr().err


class TestBlindness:
    """No coordinate of the file leaves the server, nor gets into the journal."""

    def test_traffic(self, tmp_path):
        """Two files that differ in their coordinates alone give the same bytes."""
        traffic = []
        for seed in (0, 1):
            folder = tmp_path / str(seed)
            write_plan(folder, secrets=truth_of(6, seed))
            with open_session(folder) as session:
                client = TestClient(make_app(session, TOKEN, PORT), base_url=BASE)
                replies = [client.get(f'/{TOKEN}/about').content]
                for _ in range(60):
                    reply = call(client, 'next')
                    question = reply.json()['question']
                    if question is None:
                        break
                    values = [int(k % 2 == 0) for k in question['keypoints']]
                    given = dict(id=question['id'], values=values, seconds=1)
                    replies += [reply.content, call(client, 'answer', **given).content]
                    replies.append(client.get(f'/{TOKEN}/image/{question["person"]}').content)
            traffic.append((replies, (folder / 'journal.jsonl').read_bytes()))
        assert traffic[0] == traffic[1]
        assert b'repeat' not in b''.join(r for r in traffic[0][0] if r[:1] == b'{')

    def test_repeats_look_like_others(self, tmp_path):
        """A picture that is asked again has a new id and nothing else that shows it."""
        with open_session(tmp_path, repeats=0.5) as session:
            client = TestClient(make_app(session, TOKEN, PORT), base_url=BASE)
            seen = []
            for _ in range(40):
                question = call(client, 'next').json()['question']
                if question is None:
                    break
                values = [0] * len(question['keypoints'])
                seen.append((question.pop('id'), json.dumps(question)))
                call(client, 'answer', id=seen[-1][0], values=values, seconds=1)
        assert len({key for key, _ in seen}) == len(seen) > 10
        assert len({text for _, text in seen}) < len(seen)
