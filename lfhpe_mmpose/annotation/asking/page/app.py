"""The server's answers to the page.

Each call has the annotator's name in it, so that several browsers can work at once. No tag, no
coordinate and no belief is sent: a question is its window, its keypoints and, to confirm, the
model's circles.
"""

import json
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from lfhpe_mmpose.errors import UserError

from ..questions import Question
from ..session import AskSession
from .layout import describe
from .pictures import Pictures
from .security import LARGEST_BODY, Guard

_STATIC = Path(__file__).parent / 'static'
_FILES = {'': 'index.html', 'app.js': 'app.js', 'draw.js': 'draw.js', 'app.css': 'app.css'}
_LONGEST_NAME = 60


class AskApp:
    """The calls of the page.

    Args:
        session: What is asked; safe for several threads.
    """

    def __init__(self, session: AskSession) -> None:
        self.session = session
        self.pictures = Pictures()
        # The page names persons by their number, so that any id may stand in the file.
        self.persons = list(session.plan.persons)
        self.numbers = {person: i for i, person in enumerate(self.persons)}

    def about(self) -> dict[str, Any]:
        """The keypoint set."""
        session = self.session
        return describe(session.keypoints, session.sides, session.skeleton)

    def next(self, given: dict[str, Any]) -> dict[str, Any]:
        """The question of an annotator."""
        name = _annotator(given)
        return self._state(name, self.session.next(name))

    def answer(self, given: dict[str, Any]) -> dict[str, Any]:
        """Take an answer; return the next question. The answer is on disk before that."""
        name = _annotator(given)
        question, skipped = given.get('id'), given.get('skipped', False)
        if not isinstance(question, str) or not isinstance(skipped, bool):
            raise _invalid('id must be a text, and skipped true or false')
        seconds: Any = given.get('seconds')
        values: Any = given.get('values')
        if type(seconds) not in (int, float) or not 0 <= seconds < 1e6:
            raise _invalid('seconds must be a number from 0')
        self.session.answer(name, question, values, seconds, skipped)
        return self._state(name, self.session.next(name))

    def undo(self, given: dict[str, Any]) -> dict[str, Any]:
        """Take the latest answer back; return its question, or the present one."""
        name = _annotator(given)
        back = self.session.undo(name)
        state = self._state(name, back or self.session.next(name))
        return dict(state, undone=back is not None)

    def image(self, number: int) -> bytes:
        """The picture of a person."""
        if not 0 <= number < len(self.persons):
            raise UserError('unknown-picture', f'person {number}', 'it is not in the plan.')
        return self.pictures.jpeg(self.session.image_path(self.persons[number]))

    def _state(self, name: str, question: Question | None) -> dict[str, Any]:
        upcoming = self.session.upcoming(name)
        return dict(
            question=None if question is None else self._described(question),
            progress=self.session.progress(name),
            upcoming=None if upcoming is None else self.numbers[upcoming],
        )

    def _described(self, question: Question) -> dict[str, Any]:
        """A question for the page, which must not know whether it is a repeat."""
        person = self.session.plan.persons[question.person]
        return dict(
            id=question.id,
            person=self.numbers[question.person],
            kind=question.kind,
            keypoints=list(question.keypoints),
            window=list(question.window),
            circles=[list(circle) for circle in question.circles],
            whole=list(person.grid().window),
            size=[person.width, person.height],
        )


def make_app(session: AskSession, token: str, port: int) -> Guard:
    """Build the server's application.

    Args:
        session: What is asked.
        token: The secret first part of the address.
        port: The port that the server listens on.
    """
    pages = AskApp(session)
    calls = dict(next=pages.next, answer=pages.answer, undo=pages.undo)
    routes = [
        Route(f'/{token}/{name}', partial(_file, _STATIC / file), methods=['GET'])
        for name, file in _FILES.items()
    ]
    routes += [
        Route(f'/{token}/about', partial(_reply, lambda _: pages.about()), methods=['GET']),
        Route(f'/{token}/image/{{number:int}}', partial(_image, pages), methods=['GET']),
        *(
            Route(f'/{token}/{name}', partial(_call, call), methods=['POST'])
            for name, call in calls.items()
        ),
    ]
    return Guard(Starlette(routes=routes), token, port)


async def _file(path: Path, request: Request) -> Response:
    return FileResponse(path)


async def _image(pages: AskApp, request: Request) -> Response:
    def picture(_: Any) -> Response:
        content = pages.image(request.path_params['number'])
        # The same address is always the same picture.
        headers = {'cache-control': 'private, max-age=3600, immutable'}
        return Response(content, media_type='image/jpeg', headers=headers)

    return await _reply(picture, request)


async def _call(call: Callable[[dict[str, Any]], dict[str, Any]], request: Request) -> Response:
    body = b''
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BODY:
            return _refusal(UserError('too-large', 'request', 'it is too large.'), 413)
    if request.headers.get('content-type', '').split(';')[0].strip() != 'application/json':
        return _refusal(_invalid('send application/json'), 415)
    try:
        given = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return _refusal(_invalid('the body is not JSON'), 400)
    if not isinstance(given, dict):
        return _refusal(_invalid('the body is not an object'), 400)
    return await _reply(lambda _: call(given), request)


async def _reply(function: Callable[[Any], Any], request: Request) -> Response:
    """Call in a thread; a fault becomes a message, never a traceback in the browser."""
    try:
        found = await run_in_threadpool(function, request)
    except UserError as error:
        return _refusal(error, 400)
    except Exception:
        traceback.print_exc(file=sys.stderr)
        fault = 'The server failed; its window shows why. Answers so far are kept.'
        return JSONResponse(dict(code='internal', fault=fault), status_code=500)
    return found if isinstance(found, Response) else JSONResponse(found)


def _refusal(error: UserError, status: int) -> Response:
    content = dict(code=error.code, fault=f'{error.place}: {error.fault} {error.remedy}'.strip())
    return JSONResponse(content, status_code=status)


def _annotator(given: dict[str, Any]) -> str:
    name = given.get('annotator')
    if not isinstance(name, str) or not 0 < len(name.strip()) <= _LONGEST_NAME:
        raise _invalid(f'annotator must be a name of at most {_LONGEST_NAME} letters')
    if not name.isprintable():
        raise _invalid('annotator must be printable')
    return name.strip()


def _invalid(fault: str) -> UserError:
    return UserError('request', 'request', f'{fault}.', 'Reload the page.')


def _no_constant(name: str) -> float:
    raise ValueError(f'{name} is not JSON')
