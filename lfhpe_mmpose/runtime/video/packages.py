"""Packages of the extra ``video``, loaded when they are needed."""

from importlib import import_module
from typing import Any

from lfhpe_mmpose.errors import package_error


def load_av() -> Any:
    """PyAV, which reads and writes videos.

    Raises:
        UserError: 'package'.
    """
    av = _load('av', 'Reading and writing videos')
    av.logging.set_level(av.logging.PANIC)  # faults are counted and told once
    return av


def load_trackers() -> Any:
    """The package ``trackers``.

    Raises:
        UserError: 'package'.
    """
    return _load('trackers', 'Following persons')


def _load(name: str, purpose: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        remedy = "Run `pip install 'lfhpe_mmpose[video]'`."
        raise package_error(name, purpose, remedy) from None
