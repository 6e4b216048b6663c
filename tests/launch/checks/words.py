"""Keypoint names, and the one assertion that the tests of the checks share."""

import pytest

from lfhpe_mmpose.errors import UserError
from lfhpe_mmpose.launch.checks import PreflightError, check_before_run

COCO_NAMES = [
    'nose',
    *(
        f'{side}_{part}'
        for part in ('eye', 'ear', 'shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle')
        for side in ('left', 'right')
    ),
]


def found(cfg, mode: str = 'train') -> list[UserError]:
    """The problems for which a run is refused; each has a place and a remedy."""
    with pytest.raises(PreflightError) as caught:
        check_before_run(cfg, mode)
    problems = caught.value.problems
    assert all(error.place and error.fault and error.remedy for error in problems), problems
    return problems


def refuses(cfg, code: str, *places: object, mode: str = 'train') -> UserError:
    """Check that a run is refused for one kind of problem.

    Args:
        cfg: The config.
        code: The code of all problems.
        places: Entries of the config and of the file, files and names. The first problem that
            has one of them in its place or its examples must have all.
        mode: ``'train'`` or ``'test'``.

    Returns:
        That problem.
    """
    problems = found(cfg, mode)
    assert {error.code for error in problems} == {code}, problems
    for error in problems:
        if all(str(place) in f'{error.place}\n{error.fault}' for place in places):
            return error
    raise AssertionError(f'{places} are not in {[str(p) for p in problems]}')
