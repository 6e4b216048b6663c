"""Names and the one assertion that the tests of the checks share."""

import pytest

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.launch.checks import check_before_run

COCO_NAMES = [
    'nose',
    *(
        f'{side}_{part}'
        for part in ('eye', 'ear', 'shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle')
        for side in ('left', 'right')
    ),
]


def refuses(cfg, *words: str, mode: str = 'train') -> str:
    """Check that a run is refused with a message that holds all the words.

    Args:
        cfg (Config): The config.
        words (str): File, entry and remedy, as the message should name them.
        mode (str): ``'train'`` or ``'test'``.

    Returns:
        str: The message.
    """
    with pytest.raises(UserError) as caught:
        check_before_run(cfg, mode)
    message = str(caught.value)
    for word in words:
        assert str(word) in message, f'{word!r} is not in:\n{message}'
    return message
