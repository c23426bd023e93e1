from hypothesis import given
from hypothesis import strategies as st

from features.definitions.check_digits import is_nhs_number


NINE = st.text("0123456789", min_size=9, max_size=9)


def by_sums_of_sums(digits: str) -> bool:
    """Modulus 11 without multiplying: the sum of all running sums divides by 11."""
    running = total = 0
    for digit in digits:
        running += int(digit)
        total += running
    return total % 11 == 0


@given(st.text("0123456789", min_size=10, max_size=10))
def test_modulus_11_agrees_with_a_second_way_of_computing_it(digits: str) -> None:
    assert is_nhs_number(digits) == by_sums_of_sums(digits)


@given(NINE)
def test_nine_digits_have_one_check_digit_or_none(nine: str) -> None:
    fitting = [last for last in "0123456789" if is_nhs_number(nine + last)]

    assert len(fitting) <= 1


@given(NINE, st.integers(0, 9), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(nine: str, at: int, by: int) -> None:
    for last in "0123456789":
        number = nine + last
        wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
        assert not (is_nhs_number(number) and is_nhs_number(wrong))


def test_what_is_not_ten_digits_is_no_number() -> None:
    others = ["", "943476591", "94347659190", "943476591X", "９４３４７６５９１９"]

    assert not any(is_nhs_number(text) for text in others)
