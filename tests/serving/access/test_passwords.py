"""Passwords, hashed as they are in the service."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from serving.access.passwords import hash_password, is_password, password_faults


PASSWORD = "four words are enough"


def test_a_password_is_told_apart_from_all_others():
    kept = hash_password(PASSWORD)

    assert kept.startswith("$argon2id$")
    assert is_password(kept, PASSWORD)
    assert not is_password(kept, f"{PASSWORD} ")
    assert not is_password(kept, PASSWORD + "x" * 500)
    assert not is_password(None, PASSWORD)
    assert not is_password("no hash", PASSWORD)


def test_the_same_letters_are_the_same_password_on_every_keyboard():
    assert is_password(
        hash_password("caf\u00e9 au lait here"), "cafe\u0301 au lait here"
    )


@given(st.text(max_size=300))
def test_a_password_is_taken_by_its_length_alone(password):
    is_fine = 12 <= len(password) <= 200

    assert (password_faults(password, name="\0eve") == []) == is_fine
