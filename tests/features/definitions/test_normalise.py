import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.definitions.normalise import (
    FORMS,
    Form,
    door,
    name,
    number,
    organisation,
    text,
)


@pytest.mark.parametrize("form", sorted(set(FORMS) - {"door"}))
@given(raw=st.text(max_size=30))
def test_reading_twice_is_reading_once(form: Form, raw: str) -> None:
    once = FORMS[form](raw)

    assert once is None or FORMS[form](once) == once


@given(raw=st.text(max_size=30))
def test_no_form_gives_an_empty_text(raw: str) -> None:
    assert all(form(raw) != "" for n, form in FORMS.items() if n != "date")


@given(raw=st.text(st.characters(codec="ascii"), max_size=30))
def test_capitals_make_no_difference(raw: str) -> None:
    assert text(raw.lower()) == text(raw.upper())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O'Brien", "O’Brien"),
        ("Siân", "SIAN"),
        ("Łukasz", "Lukasz"),
        ("Xiu Ying", "Xiuying"),
        ("Smith-Jones", "smith jones"),
        ("Groß", "Gross"),
    ],
)
def test_a_name_is_the_same_in_other_letters(one: str, other: str) -> None:
    assert name(one) == name(other)


@pytest.mark.parametrize("raw", ["Ольга", "王秀英", "فاطمة"])
def test_a_name_in_any_script_is_kept(raw: str) -> None:
    assert name(raw)


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("3025 W DIVERSEY AVE CHICAGO, IL 60647", "3025 W DIVERSEY"),
        ("3519-3529 N CLARK ST", "3519 N CLARK"),
        ("420 1/2 W DIVERSEY PKWY", "420 W DIVERSEY"),
        ("11601 W TOUHY AVE  T1 B15", "11601 W TOUHY"),
        ("1738 W 18TH  ST", "1738 W 18TH"),
        ("12B High Street", "12 HIGH"),
        ("The Old Mill", None),
        ("", None),
    ],
)
def test_a_door_is_number_direction_and_street(raw: str, read: str | None) -> None:
    assert door(raw) == read


def test_a_firm_called_the_company_keeps_its_name() -> None:
    assert organisation("The Company Ltd") == "THECOMPANYLTD"


@pytest.mark.parametrize("raw", ["0", "000", "", "12 A", "-5", "1.5", "1e3"])
def test_what_is_no_whole_number_from_1_is_none(raw: str) -> None:
    assert number(raw) is None
