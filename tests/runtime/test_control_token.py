"""The secret that the environment gives."""

import os

from v6sim.runtime import control_token
from v6sim.runtime.control_token import take_control_token


def test_once_taken_it_is_known_but_in_no_environment(monkeypatch) -> None:
    monkeypatch.setattr(control_token, "_taken", [])
    monkeypatch.setenv("V6SIM_CONTROL_TOKEN", "")
    take_control_token()
    assert control_token.control_token() is None
    monkeypatch.setenv("V6SIM_CONTROL_TOKEN", "sixteen-letters!")
    assert control_token.control_token() == "sixteen-letters!"
    take_control_token()
    assert "V6SIM_CONTROL_TOKEN" not in os.environ
    assert control_token.control_token() == "sixteen-letters!"
