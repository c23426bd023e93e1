"""The administrator's page of accounts."""

from __future__ import annotations

import pytest

from tests.serving.pages.people_pages import text_of


NEW = {
    **{"name": "ed.new", "display_name": "Ed New", "role": "caseworker"},
    **{"team": "", "partner": "", "worker": "", "password": ""},
}


@pytest.mark.parametrize(
    ("changes", "said", "field"),
    [
        (
            {"name": "Ed New!"},
            "Name at sign-in: it is 2 to 100 small letters, digits and signs of "
            ". _ @ + or -. Write one such as ann.example.",
            "name",
        ),
        (
            {"name": "ann"},
            "Name at sign-in: each account has its own name. Take another name.",
            "name",
        ),
        ({"display_name": ""}, "Name to show: a name to show has 1", "display_name"),
        ({"role": "manager"}, "Team: a manager has a team. Name one.", "team"),
        ({"role": "steward"}, "Partner: a steward has a partner. Name one.", "partner"),
        ({"password": "short"}, "First password: ", "password"),
    ],
)
def test_what_is_wrong_says_where_and_what_to_do(service, changes, said, field):
    answer = service.send("/accounts", "oli", **(NEW | changes))

    assert answer.status_code == 422
    assert said in text_of(answer.text)
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}-error"' in answer.text


def test_what_was_written_is_kept_and_the_password_is_not(service):
    sent = NEW | {"role": "manager", "password": "a password of mine"}

    answer = service.send("/accounts", "oli", **sent)

    assert 'value="Ed New"' in answer.text
    assert '<option value="manager" selected' in answer.text
    assert "a password of mine" not in answer.text
