"""A short run of the fuzz of the importers (docstring of ``fuzz``: the long one)."""

from .fuzz import WRITERS, fuzz


def test_fuzz(tmp_path):
    """Whole files give the truth; damaged ones are refused or leave other persons as they are."""
    done = fuzz(400, 0, tmp_path)
    assert done.total() == 400
    for kind in WRITERS:
        assert done[f'{kind} whole read']
        assert done[f'{kind} value refused']
