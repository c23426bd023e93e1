"""Slow clients are cut, while others are answered as ever."""

from __future__ import annotations

from benchmarks.load import Target, at_a_rate, get
from benchmarks.slow import Slow, among_slow_clients
from tests.serving.test_run import _running


A_SECOND = 10.0


def test_slow_clients_are_cut_and_keep_nobody_out(tmp_path):
    with _running(tmp_path) as running:
        request = get(running.address, authorization=f"Bearer {running.token}")
        target = Target(running.port, [request])

        held = among_slow_clients(target, a_second=A_SECOND, slow=Slow(5, 20, 5))

    assert held.left == 0
    assert held.good.errors == 0


def test_too_many_at_once_are_told_to_wait_and_later_all_is_as_before(tmp_path):
    with _running(tmp_path) as running:
        request = get(running.address, authorization=f"Bearer {running.token}")
        target = Target(running.port, [request])

        many = at_a_rate(target, a_second=1_500, seconds=1)
        after = at_a_rate(target, a_second=A_SECOND, seconds=2)

    assert set(many.statuses) <= {200, 503}
    assert many.statuses[200] > 0
    assert after.errors == 0
