"""Tests of the choice of located persons."""

import itertools
import json
import os
import subprocess
import sys

import numpy as np

from lfhpe_mmpose.tags.located import is_located, located_persons

# Any other value would change which persons every published study has located.
FIRST_LOCATED = [(0, 1001), (6, 1013), (8, 1017)]
PEOPLE = [dict(img_id=i // 2, id=1000 + i) for i in range(4000)]


class TestIsLocated:
    """The choice is a pure function of seed, image id and annotation id."""

    def test_fraction_is_met(self):
        """About the asked fraction of many persons is located."""
        for fraction in (0.05, 0.25, 0.5):
            share = len(located_persons(PEOPLE, fraction)) / len(PEOPLE)
            assert abs(share - fraction) < 0.03

    def test_ends(self):
        """Fraction 0 locates nobody and 1 everybody."""
        assert not located_persons(PEOPLE, 0.0)
        assert len(located_persons(PEOPLE, 1.0)) == len(PEOPLE)

    def test_nested(self):
        """A smaller fraction lies inside a larger one."""
        sets = [set(located_persons(PEOPLE, f)) for f in (0.05, 0.1, 0.25, 0.5, 1.0)]
        for small, large in itertools.pairwise(sets):
            assert small < large

    def test_independent_of_order(self):
        """The order of the file does not matter."""
        assert located_persons(PEOPLE[::-1], 0.25) == located_persons(PEOPLE, 0.25)

    def test_seeds_differ(self):
        """Another seed locates other persons, no more alike than chance."""
        a, b = (set(located_persons(PEOPLE, 0.25, seed)) for seed in (0, 1))
        assert 0.15 < len(a & b) / len(a) < 0.35

    def test_id_types_agree(self):
        """NumPy ids and Python ids choose alike."""
        for p in PEOPLE[:50]:
            assert is_located(np.int64(p['img_id']), np.int64(p['id']), 0.5) == is_located(
                p['img_id'], p['id'], 0.5
            )

    def test_stable_over_processes(self):
        """A fresh process with another hash seed agrees; so do values written down here."""
        code = (
            'import json; from lfhpe_mmpose.tags.located import located_persons;'
            'p = [dict(img_id=i // 2, id=1000 + i) for i in range(200)];'
            'print(json.dumps(located_persons(p, 0.1)))'
        )
        out = subprocess.run(
            [sys.executable, '-W', 'ignore', '-c', code],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, 'PYTHONHASHSEED': '77'},
        )
        there = [tuple(p) for p in json.loads(out.stdout.splitlines()[-1])]
        assert there == located_persons(PEOPLE[:200], 0.1)
        assert there[:3] == FIRST_LOCATED
