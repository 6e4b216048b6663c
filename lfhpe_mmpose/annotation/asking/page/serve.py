"""Run the server until Ctrl-C, or until a round is over."""

import secrets
import socket
import webbrowser

from lfhpe_mmpose.errors import UserError, package_error

from ..session import AskSession

HOST = '127.0.0.1'


def serve(session: AskSession, port: int, browser: bool = False, until_over: bool = False) -> None:
    """Serve the page of a session on this machine, and print its address.

    Args:
        session: What is asked.
        port: Port to listen on; 0 takes a free one.
        browser: Open the page.
        until_over: Stop by itself when nothing more is asked (``AskSession.is_over``).

    Raises:
        UserError: 'package' without Starlette and uvicorn, 'port' if the port is taken.
    """
    try:
        import uvicorn

        from .app import make_app
    except ImportError as error:
        remedy = 'Run `pip install lfhpe_mmpose[ask]`.'
        raise package_error(error.name, 'lfhpe ask', remedy) from None
    try:
        listener = socket.create_server((HOST, port))
    except OSError as error:
        fault = f'The port cannot be used ({error.strerror}).'
        raise UserError('port', f'--port {port}', fault, 'Give another, or 0.') from None
    port = listener.getsockname()[1]
    token = secrets.token_urlsafe(16)
    address = f'http://{HOST}:{port}/{token}/'
    # The address holds the token, so requests are not logged.
    config = uvicorn.Config(
        make_app(session, token, port), log_level='error', access_log=False, lifespan='off'
    )
    print(f'Open {address}', flush=True)
    print('Each answer is saved at once. Ctrl-C stops; the same command continues.', flush=True)
    if browser:
        webbrowser.open(address)

    class Server(uvicorn.Server):
        async def on_tick(self, counter: int) -> bool:
            # Requests that are being answered, such as the last one, are still answered.
            return await super().on_tick(counter) or (until_over and session.is_over())

    with listener:
        Server(config).run(sockets=[listener])
