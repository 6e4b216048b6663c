"""Who may talk to the server: a browser on this machine that knows the token."""

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.responses import JSONResponse

# Nothing from outside, no inline code, in no frame; the address holds the token.
HEADERS = {
    'content-security-policy': (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
}
LARGEST_BODY = 64 * 1024

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Guard:
    """Passes on what this machine's browser asks, and refuses the rest.

    - The host must be this server's: another name that leads here (DNS rebinding) is refused.
    - A request of another page (``Origin``, ``Sec-Fetch-Site``) is refused.
    - The first part of the path must be the token, compared in constant time.

    Args:
        app: The application.
        token: The secret part of the address.
        port: The server's port.
    """

    def __init__(
        self, app: Callable[[Scope, Receive, Send], Awaitable[None]], token: str, port: int
    ) -> None:
        self.app, self.token = app, token
        self.hosts = {f'{name}:{port}' for name in ('127.0.0.1', 'localhost')}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope['type'] != 'http':
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message['type'] == 'http.response.start':
                given = {name for name, _ in message['headers']}
                more = [(k.encode(), v.encode()) for k, v in HEADERS.items()]
                message['headers'] += [(k, v) for k, v in more if k not in given]
            await send(message)

        fault = self._fault(scope)
        if fault is not None:
            response = JSONResponse(dict(code='forbidden', fault=fault), status_code=403)
            await response(scope, receive, send_with_headers)
            return
        await self.app(scope, receive, send_with_headers)

    def _fault(self, scope: Scope) -> str | None:
        headers: dict[str, list[str]] = {}
        for name, value in scope['headers']:
            headers.setdefault(name.decode('latin-1').lower(), []).append(value.decode('latin-1'))
        host = headers.get('host', [''])
        if len(host) != 1 or host[0].lower() not in self.hosts:
            return 'This server answers on 127.0.0.1 alone.'
        origins = headers.get('origin', [])
        if any(
            origin.lower() not in {f'http://{name}' for name in self.hosts} for origin in origins
        ):
            return 'The request comes from another page.'
        if headers.get('sec-fetch-site', ['none'])[0] not in ('none', 'same-origin'):
            return 'The request comes from another page.'
        first = scope['path'].split('/')[1] if '/' in scope['path'] else ''
        if not secrets.compare_digest(first.encode('utf-8', 'replace'), self.token.encode()):
            return 'The address is not complete. Copy it from where lfhpe ask was started.'
        return None
