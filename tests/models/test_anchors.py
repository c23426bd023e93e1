from __future__ import annotations

import stat

import pytest

from models.audit.anchors import FILE, AnchorFile
from models.audit.keys import AuditKeys, Key
from tests.made_up_score import NOW


KEYS = AuditKeys("0a0b0c0d", {"0a0b0c0d": Key(b"k" * 32)})


@pytest.fixture
def file(tmp_path):
    return AnchorFile(tmp_path / "anchors")


def _append(file, covers):
    return file.append(KEYS, at=NOW, covers=covers, row_mac=bytes([covers]) * 32)


def test_anchors_follow_one_another(file):
    assert file.last() is None

    one, two = _append(file, 3), _append(file, 9)

    assert (one.number, two.number) == (1, 2)
    assert (one.previous, two.previous) == ("", one.mac)
    assert file.last() == two
    assert file.lines() == [one.line()[:-1], two.line()[:-1]]


def test_only_the_owner_can_read_them(file):
    _append(file, 3)

    assert stat.S_IMODE((file.folder / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(file.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("left", [1, 20, -1])
def test_a_line_that_a_crash_cut_short_is_written_over(file, left):
    one, two = _append(file, 3), _append(file, 9)
    file.path.write_bytes(one.line() + two.line()[:left])

    assert file.last() == one
    assert _append(file, 9) == two
    assert file.lines() == [one.line()[:-1], two.line()[:-1]]


def test_a_first_line_that_a_crash_cut_short_is_written_over(file):
    one = _append(file, 3)
    file.path.write_bytes(one.line()[:10])

    assert file.last() is None
    assert _append(file, 3) == one


def test_nothing_is_written_after_what_is_no_anchor(file):
    _append(file, 3)
    with file.path.open("ab") as opened:
        opened.write(b"{}\n")

    with pytest.raises(ValueError, match="not an anchor"):
        _append(file, 9)


def test_the_newest_is_found_at_the_end_of_a_long_file(file):
    anchors = [_append(file, covers) for covers in range(1, 60)]

    assert file.path.stat().st_size > 4_096
    assert file.last() == anchors[-1]
