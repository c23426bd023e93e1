from __future__ import annotations

import bisect
import math

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from models.tables.lookup import Lookup


finite = st.floats(allow_nan=False, allow_infinity=False)
some = st.one_of(st.integers(-50, 50).map(float), st.floats(-1e3, 1e3), finite)


@given(edges=st.sets(some, max_size=80).map(sorted), others=st.lists(some, max_size=20))
@example(edges=[5e-324, 1e-323], others=[0.0])
@example(edges=[-1.7e308, 1.7e308], others=[0.0])
@example(edges=[0.0, 1e-9, 2e-9, 3e-9, 4e-9, 1.0], others=[3.5e-9])
def test_every_number_has_the_answer_of_a_bisection(edges, others):
    near = [math.nextafter(e, way) for e in edges for way in (-math.inf, math.inf)]
    numbers = [*edges, *near, *others, math.inf, -math.inf, 0.0, -0.0]
    values = [float(n) for n in range(len(edges) + 1)]

    found = Lookup(edges, values, -1.0).over(np.array([*numbers, math.nan]))

    expected = [values[bisect.bisect_left(edges, number)] for number in numbers]
    assert found.tolist() == [*expected, -1.0]
