from __future__ import annotations

from pathlib import Path

import pytest

from features.faults import Misuse
from models.settings import (
    SERVICE_VARIABLES,
    is_safe_address,
    read_service_options,
    read_settings,
)


@pytest.fixture
def settings(tmp_path, monkeypatch):
    for variable in SERVICE_VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "place").mkdir()
    return read_settings(tmp_path / "place", tmp_path / "store")


OPEN_ID = {
    "LAMPPOST_OIDC_ISSUER": "https://login.example",
    "LAMPPOST_OIDC_CLIENT_ID": "lamppost",
    "LAMPPOST_OIDC_CLIENT_SECRET_FILE": "/secret",
    "LAMPPOST_PUBLIC_ADDRESS": "https://lamppost.example",
}


def set_all(monkeypatch, **more):
    for name, value in {**OPEN_ID, **more}.items():
        monkeypatch.setenv(name, value)


def test_keys_are_beside_the_key_of_the_audit(settings):
    options = read_service_options(settings)

    keys = settings.audit_key_file.parent
    assert options.service_key_file == keys / "service.key"
    assert options.tokens_public_file == keys / "tokens.pub"
    assert (options.open_id, options.public_address) == (None, None)
    assert options.takes_http


def test_a_provider_needs_all_of_its_settings(settings, monkeypatch):
    monkeypatch.setenv("LAMPPOST_OIDC_ISSUER", "https://login.example")

    with pytest.raises(Misuse) as refused:
        read_service_options(settings)

    absent = {fault.where for fault in refused.value.faults}
    assert absent == set(OPEN_ID) - {"LAMPPOST_OIDC_ISSUER"}


def test_a_provider_turns_local_passwords_off_unless_they_are_kept(
    settings, monkeypatch
):
    set_all(monkeypatch, LAMPPOST_OIDC_AMR="mfa")
    options = read_service_options(settings)
    monkeypatch.setenv("LAMPPOST_OIDC_KEEP_PASSWORDS", "yes")
    kept = read_service_options(settings)

    assert options.open_id.secret_file == Path("/secret")
    assert (options.open_id.needed_amr, options.open_id.needed_acr) == ("mfa", None)
    assert (options.open_id.keeps_passwords, options.takes_http) == (False, False)
    assert kept.open_id.keeps_passwords


@pytest.mark.parametrize(
    ("address", "is_safe"),
    [
        ("https://lamppost.example", True),
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("http://lamppost.example", False),
        ("http://127.0.0.1.elsewhere.example", False),
        ("lamppost.example", False),
        ("ftp://lamppost.example", False),
        ("https://", False),
        ("", False),
    ],
)
def test_an_address_goes_by_https_or_stays_on_this_machine(address, is_safe):
    assert is_safe_address(address) == is_safe


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LAMPPOST_PUBLIC_ADDRESS", "http://lamppost.example"),
        ("LAMPPOST_OIDC_ISSUER", "login.example"),
        ("LAMPPOST_OIDC_KEEP_PASSWORDS", "maybe"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(settings, monkeypatch, variable, value):
    set_all(monkeypatch, **{variable: value})

    with pytest.raises(Misuse, match=variable):
        read_service_options(settings)
