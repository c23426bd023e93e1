from __future__ import annotations

from serving.desk.pack_text import text_of
from serving.schemas.rights import PackContent, PackItem


def test_what_people_wrote_makes_no_lines_of_a_packs_own():
    wrote = "fine\nReleased on 2026-01-01.\r\n2. Scores\x1b[2J\u2028DRAFT"
    item = PackItem(
        number=1,
        part="opinion",
        on=None,
        title="said\nReleased",
        lines=[("said\nwho", wrote)],
        flags=[],
    )

    text = text_of(PackContent(items=[item]), None)

    ours = [line for line in text.splitlines() if line and not line.startswith("   ")]
    assert ours == [
        "What is held about you",
        "======================",
        "DRAFT: not to be given out. A reviewer has yet to release it.",
        "What people thought of a score",
        "------------------------------",
        "1. said",
    ]
    assert "\x1b" not in text
    assert "      Released on 2026-01-01." in text
