"""Tests of columns of ids."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lfhpe_mmpose.annotation.check.ids import IdColumn, id_key

IDS = st.lists(st.integers(-5, 5) | st.sampled_from(['1', 'a', '', 2**70, -(2**63), '\ud800']))


def column(ids) -> IdColumn:
    """A column of ids; every entry has one."""
    out = IdColumn()
    for i, ident in enumerate(ids):
        out.add(id_key(ident), i)
    return out


class TestIds:
    """A column does what a dict does."""

    def test_key(self):
        """A number and its text are two ids."""
        assert id_key(3) != id_key('3')

    @given(ids=IDS, most=st.integers(0, 4))
    def test_doubles(self, ids, most):
        """Every entry whose id was there before, with the first one."""
        expected = [(i, ids.index(x)) for i, x in enumerate(ids) if x in ids[:i]]
        assert column(ids).doubles(most) == (len(expected), expected[:most])

    @given(ids=IDS, wanted=IDS)
    def test_rows(self, ids, wanted):
        """The last entry of an id, -1 without one; more can be added afterwards."""
        table = {x: i for i, x in enumerate(ids)}
        mine = column(ids)
        keys = np.array([id_key(x) for x in wanted], dtype=np.int64)
        assert mine.rows(keys).tolist() == [table.get(x, -1) for x in wanted]
        mine.add(id_key('new'), len(ids))
        assert mine.rows(np.array([id_key('new')])).tolist() == [len(ids)]
        assert len(mine) == len(ids) + 1

    @given(ids=IDS, theirs=IDS, most=st.integers(0, 4))
    def test_shared(self, ids, theirs, most):
        """Entries whose id the other column has, too."""
        table = {x: i for i, x in enumerate(theirs)}
        expected = [(i, table[x]) for i, x in enumerate(ids) if x in table]
        assert column(ids).shared(column(theirs), most) == (len(expected), expected[:most])
