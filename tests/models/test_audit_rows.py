from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.audit.keys import AuditKeys, Key
from models.audit.rows import (
    NOTHING,
    Entry,
    Head,
    canonical,
    chained,
    is_forgotten,
    packed,
    seal_of,
    seal_of_row,
)
from tests.made_up_score import NOW


KEYS = AuditKeys("0a0b0c0d", {"0a0b0c0d": Key(b"k" * 32)})
LOOK = Entry(NOW, "desk 4", "score", "care", "p01", "prevention")
texts = st.text(st.characters(exclude_categories=["Cs"]))
fields = st.lists(st.one_of(texts, st.integers(), st.none()))


@given(fields, fields)
def test_no_two_sequences_of_fields_have_the_same_bytes(one, other):
    assert (packed(*one) == packed(*other)) == (one == other)


def test_a_text_that_utf_8_cannot_hold_has_no_bytes():
    with pytest.raises(UnicodeEncodeError):
        packed("\ud83d\ude00")


@given(st.binary(max_size=64), st.binary())
def test_a_mac_is_the_standard_librarys(key, content):
    assert Key(key).mac(content) == hmac.digest(key, content, "sha256")


def test_a_row_follows_the_head_and_says_so_in_its_mac():
    one = chained(KEYS, Head(0, NOTHING), LOOK)
    two = chained(KEYS, Head(one.id, one.mac), LOOK)

    assert (one.id, two.id) == (1, 2)
    assert two.mac == KEYS.mac("0a0b0c0d", canonical(two, one.mac))
    assert two.mac != KEYS.mac("0a0b0c0d", canonical(two, NOTHING))


def test_another_program_can_derive_a_row_by_the_documented_rule():
    row = chained(KEYS, Head(7, b"\1" * 32), LOOK)
    sealed = b"lamppost seal 2\0" + row.salt + b'["p01",null]'
    seal = hmac.new(b"k" * 32, sealed, hashlib.sha256)
    array = [
        *("lamppost view", 2, "0a0b0c0d", 8, "01" * 32, "2026-11-02 09:30:00.000000"),
        *("desk 4", "score", "care", seal.hexdigest(), "prevention", "shown", None),
    ]
    content = json.dumps(array, ensure_ascii=False, separators=(",", ":")).encode()

    assert row.mac == hmac.new(b"k" * 32, content, hashlib.sha256).digest()


def test_the_entity_is_in_the_chain_by_its_seal_alone():
    row = chained(KEYS, Head(0, NOTHING), LOOK)

    assert b"p01" not in canonical(row, NOTHING)
    assert row.seal == seal_of(KEYS, "0a0b0c0d", row.salt, "p01", None)
    assert canonical(row._replace(entity_id=None, salt=None), NOTHING) == canonical(
        row, NOTHING
    )


def test_what_is_told_of_a_look_at_a_person_is_in_the_chain_by_the_seal_alone():
    row = chained(KEYS, Head(0, NOTHING), replace(LOOK, detail="case 7"))
    forgotten = row._replace(entity_id=None, salt=None, detail=None)

    assert b"case 7" not in canonical(row, NOTHING)
    assert is_forgotten(forgotten) and not is_forgotten(row)
    assert canonical(forgotten, NOTHING) == canonical(row, NOTHING)


@given(texts, st.none() | texts, texts, st.none() | texts)
def test_no_two_people_or_details_have_the_same_seal(one, told, other, told_other):
    salt = b"s" * 16
    seals = [
        seal_of(KEYS, "0a0b0c0d", salt, person, detail)
        for person, detail in ((one, told), (other, told_other))
    ]

    assert (seals[0] == seals[1]) == ((one, told) == (other, told_other))


def test_a_row_of_the_first_form_is_derived_as_it_was_then():
    row = chained(KEYS, Head(0, NOTHING), replace(LOOK, detail="page 1"))
    older = row._replace(form=1)

    assert b"page 1" in canonical(older, NOTHING)
    content = b"lamppost seal\0" + row.salt + b"p01"
    assert seal_of_row(KEYS, older, row.salt, "p01") == KEYS.mac("0a0b0c0d", content)


def test_two_looks_at_one_person_have_nothing_in_common_to_know_them_by():
    one, two = (chained(KEYS, Head(0, NOTHING), LOOK) for _ in range(2))

    assert one.salt != two.salt and one.seal != two.seal


def test_a_moment_has_the_same_bytes_in_whatever_time_zone_a_server_says_it():
    row = chained(KEYS, Head(0, NOTHING), LOOK)
    summer = dt.timezone(dt.timedelta(hours=1))
    for at in (NOW.astimezone(summer), NOW.replace(tzinfo=None), f"{NOW:%F %T}.000000"):
        assert canonical(row._replace(at=at), NOTHING) == canonical(row, NOTHING)
