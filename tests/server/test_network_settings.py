"""Settings of the secret, of names and of origins; and those that are gone."""

import warnings

import pytest

from v6sim.runtime.deprecation import SettingGone
from v6sim.server.errors import WrongSettings
from v6sim.server.settings import Settings


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONTROL_TOKEN", "ALLOWED_HOSTS", "ALLOWED_ORIGINS"):
        monkeypatch.delenv(f"V6SIM_{name}", raising=False)


def test_names_stand_in_the_environment_with_commas_between_them(monkeypatch) -> None:
    monkeypatch.setenv("V6SIM_ALLOWED_HOSTS", "server, *.example.org,10.0.0.1")
    monkeypatch.setenv("V6SIM_ALLOWED_ORIGINS", "https://ui.example")
    settings = Settings.of({})
    assert settings.allowed_hosts == ["server", "*.example.org", "10.0.0.1"]
    assert settings.allowed_origins == ["https://ui.example"]
    assert Settings.of({"allowed_hosts": ["x"]}).allowed_hosts == ["x"]
    monkeypatch.setenv("V6SIM_ALLOWED_ORIGINS", "")
    assert Settings.of({}).allowed_origins == []
    monkeypatch.delenv("V6SIM_ALLOWED_ORIGINS")
    assert Settings.of({}).allowed_origins is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"allowed_hosts": ["http://x"]}, "'http://x': expected a host name without scheme"),
        ({"allowed_hosts": "*"}, "'*': expected a host name"),
        ({"allowed_hosts": 1}, "allowed_hosts: 1: "),
        ({"allowed_origins": ["ui.example"]}, "'ui.example': expected scheme, host"),
        ({"allowed_origins": ["https://ui.example/"]}, "expected scheme, host"),
        ({"control_token": "too short"}, "control_token: expected 16 or more characters"),
        ({"control_token": 12345678901234567890}, "control_token: expected 16 or more"),
        ({"control_token": "with a space in the middle"}, "control_token: expected 16 or more"),
        ({"root_password": ""}, "root_password: String should have at least"),
    ],
)
def test_what_cannot_be_is_told_but_no_secret(given, expected) -> None:
    with pytest.raises(WrongSettings) as caught:
        Settings.of(given)
    assert expected in str(caught.value)
    [value] = given.values()
    if "token" in str(given):
        assert str(value) not in str(caught.value)


def test_a_secret_is_not_shown_with_the_settings() -> None:
    settings = Settings.of({"control_token": "sixteen-letters!"})
    for text in (repr(settings), str(settings), str(settings.model_dump())):
        assert "sixteen-letters!" not in text


@pytest.mark.parametrize("name", ["inspector_login", "control_from_gateway"])
@pytest.mark.parametrize("where", ["world", "environment"])
def test_a_setting_that_is_gone_says_so(name, where, monkeypatch) -> None:
    if where == "environment":
        monkeypatch.setenv(f"V6SIM_{name.upper()}", "true")
    with pytest.warns(SettingGone, match=f"`{name}` does nothing any more"):
        Settings.of({name: False} if where == "world" else {})


def test_settings_that_are_there_warn_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Settings.of({"control": False, "inspector": "off"})
