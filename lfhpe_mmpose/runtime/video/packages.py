"""Packages of the extra ``video``, loaded when they are needed."""

from typing import Any

from lfhpe_mmpose.errors import package_error

_REMEDY = "Run `pip install 'lfhpe_mmpose[video]'`."


def load_av() -> Any:
    """PyAV, which reads and writes videos.

    Raises:
        UserError: 'package'.
    """
    try:
        import av
    except ImportError:
        raise package_error('av', 'Reading and writing videos', _REMEDY) from None
    av.logging.set_level(av.logging.PANIC)  # faults are counted and told once
    return av


def load_trackers() -> Any:
    """The package ``trackers``.

    Raises:
        UserError: 'package'.
    """
    try:
        import trackers
    except ImportError:
        raise package_error('trackers', 'Following persons', _REMEDY) from None
    return trackers
