"""Keeps MMEngine, MMPose and MMDet quiet while something of theirs is built."""

import contextlib
import io
import warnings
from collections.abc import Iterator

from mmengine.logging import MMLogger


@contextlib.contextmanager
def quiet(level: str = 'ERROR') -> Iterator[None]:
    """Silence warnings, MMEngine's log below a level, and what is printed."""
    logger = MMLogger.get_current_instance()
    before = logger.level
    logger.setLevel(level)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter('ignore')
            yield
    finally:
        logger.setLevel(before)
