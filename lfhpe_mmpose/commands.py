"""How every command ends, and what it keeps quiet about.

``tools/`` and the ``lfhpe`` command call ``run_command``; nothing else turns an error
into an exit status. Neither torch nor mmpose is imported here.
"""

import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from lfhpe_mmpose.errors import UserError, package_error
from lfhpe_mmpose.files.system_errors import as_user_error
from lfhpe_mmpose.machine import is_busy

# Warnings about other packages, which the user can do nothing about: message and module.
_FOREIGN_WARNINGS = (
    ('Failed to load image Python extension', r'torchvision\.'),
    ('pkg_resources is deprecated as an API', ''),
    ('Deprecated call to `pkg_resources', ''),
    (r'`torch.cuda.amp.autocast\(args', r'mmdet\.'),
    ('torch.meshgrid: in an upcoming release', r'torch\.'),
    ('Failed to add .*VisBackend', r'mmengine\.'),
    ('The metainfo config file .* A matched config file', r'mmpose\.'),
)

# Packages that an environment for prediction alone (the extra `runtime`) does not have.
_TRAINING = ('torch', 'torchvision', 'mmengine', 'mmcv', 'mmdet', 'mmpose', 'xtcocotools')


def silence_foreign_warnings() -> None:
    """Filter the warnings above, and no others.

    Processes that are started from here, such as loader workers, inherit the filters.
    """
    for message, module in _FOREIGN_WARNINGS:
        warnings.filterwarnings('ignore', message=message, module=module)


def run_command(function: Callable[..., Any], *args: Any, if_interrupted: str = '') -> None:
    """Call a command, and end with a message alone where the user can correct the cause.

    Args:
        function: The command. It imports torch itself, so that the warnings of the import
            are filtered.
        args: Its arguments.
        if_interrupted: A sentence for after Ctrl-C, e.g. how to continue.

    Raises:
        SystemExit: 2 after a ``UserError``, a full disk or a missing permission; 130
            after Ctrl-C; 141 if the reader of the output has gone.
    """
    silence_foreign_warnings()
    if is_busy():
        # Read when torch is loaded. By default waiting threads spin; on a busy machine they take
        # the cores from those that compute: 8 to 17 s a step of the demo instead of 1.1 s. On
        # an idle one sleeping costs more: 126 ms a picture of ResNet-50 instead of 84.
        os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')
    # A log that cannot be written would fill the screen with a stack for each line.
    logging.raiseExceptions = False
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, 'reconfigure'):
            # A file name in letters that the screen cannot show must not end a command.
            stream.reconfigure(errors='backslashreplace')
    try:
        function(*args)
        sys.stdout.flush()
    except UserError as error:
        _end(2, str(error))
    except KeyboardInterrupt:
        _end(130, f'Interrupted. {if_interrupted}'.strip())
    except BrokenPipeError:
        with suppress(OSError):
            # Python flushes stdout at exit, which would fail again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(141) from None
    except ModuleNotFoundError as error:
        if error.name not in _TRAINING:
            raise
        remedy = 'Set up the training environment (README, "Two commands").'
        _end(2, str(package_error(error.name, 'lfhpe', remedy)))
    except OSError as error:
        known = as_user_error(error)
        if known is None:
            raise
        _end(2, str(known))
    finally:
        _leave_processes()


def let_signals_interrupt() -> None:
    """Raise ``KeyboardInterrupt`` on SIGINT, also where the shell ignores it, and on SIGTERM.

    Shells let background jobs ignore Ctrl-C.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def _end(status: int, message: str) -> None:
    with suppress(OSError):
        sys.stdout.flush()  # so that the message is the last thing on a terminal
    print(f'\n{message}', file=sys.stderr)
    raise SystemExit(status) from None


def _leave_processes() -> None:
    """Leave the process group of a distributed run, if torch was imported at all."""
    dist = sys.modules.get('torch.distributed')
    if dist is not None and dist.is_available() and dist.is_initialized():
        dist.destroy_process_group()
