from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.access.opaque_ids import OpaqueIds
from tests.serving.made_up_people import KEY, caller


ANN, BEN = caller("ann"), caller("ben")
IDS = OpaqueIds(KEY)


@given(st.text(max_size=60))
def test_an_id_opens_to_whom_it_was_sealed_for(entity_id):
    try:
        entity_id.encode()
    except UnicodeEncodeError:
        return

    assert IDS.open(ANN, IDS.seal(ANN, entity_id)) == entity_id


def test_the_same_person_has_the_same_id_for_the_same_account():
    assert IDS.seal(ANN, "p05") == IDS.seal(ANN, "p05")


def test_nobody_else_can_open_an_id_or_know_it_again():
    assert IDS.open(BEN, IDS.seal(ANN, "p05")) is None
    assert IDS.seal(BEN, "p05") != IDS.seal(ANN, "p05")


def test_another_key_opens_nothing():
    assert OpaqueIds(KEY[::-1]).open(ANN, IDS.seal(ANN, "p05")) is None


@given(st.text(max_size=500) | st.from_regex(r"[A-Za-z0-9_-]{20,60}", fullmatch=True))
def test_what_was_not_sealed_opens_to_nobody(text):
    assert IDS.open(ANN, text) is None


@pytest.mark.parametrize("place", range(0, 28, 3))
def test_a_changed_letter_opens_to_nobody(place):
    sealed = IDS.seal(ANN, "person-1")
    other = "A" if sealed[place] != "A" else "B"

    assert IDS.open(ANN, sealed[:place] + other + sealed[place + 1 :]) is None


def test_an_id_says_nothing_of_the_person():
    assert "p05" not in IDS.seal(ANN, "p05")


@pytest.mark.parametrize("spelt", ["{}=", "{}==", "{}A", "+{}"])
def test_an_id_is_spelt_in_one_way(spelt):
    sealed = IDS.seal(ANN, "person-1")

    assert IDS.open(ANN, spelt.format(sealed)) is None


def test_the_last_letter_of_an_id_is_the_only_one_that_opens():
    sealed = IDS.seal(ANN, "person-1")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/"

    opened = [one for one in letters if IDS.open(ANN, sealed[:-1] + one)]

    assert opened == [sealed[-1]]
