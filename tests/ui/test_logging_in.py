"""How people get into the UI."""

import asyncio

import httpx
import pyotp
import pytest

from tests.commands import PATIENCE
from tests.ui.browser import ORIGIN, Shown
from tests.ui.shown import show, show_all
from v6sim.control_client import ControlClient

ROSA = ("rosa", "Rosa-1234")


def mailed_token(api_url: str) -> str:
    """The token in the latest mail."""
    with ControlClient(api_url) as control:
        [mail, *_] = control.ask("GET", "/outbox")
    return next(str(line) for line in mail["text"].splitlines() if line.startswith("ey"))


async def test_a_login_leads_to_the_user_and_their_rights(up, opened) -> None:
    browser = await opened(up)
    answer = await browser.log_in("researcher", "Researcher-1")
    assert answer["user_url"] == f"/api/user/{browser.user_id}"
    for _ in range(2):  # it does ask twice
        show_all("rule", await browser.get("rule"))
        show_all("role", await browser.get("role"))
        me = show("user", await browser.get(f"user/{browser.user_id}"))
    assert me["username"] == "researcher"


async def test_a_wrong_password_is_told(up, opened) -> None:
    browser = await opened(up)
    first = await browser.send("GET", "rule", None, {}, "undefined")
    assert first.status_code == 422, "the UI hangs on anything else"
    with pytest.raises(Shown, match="the username or the password is wrong"):
        await browser.log_in("viewer", "wrong")
    await browser.log_in("viewer", "Viewer-1")


async def test_whoever_is_not_logged_in_gets_a_readable_refusal(up, opened) -> None:
    browser = await opened(up)
    async with httpx.AsyncClient(headers={"Origin": ORIGIN}) as http:
        answer = await http.get(f"{up}/task")
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert (await browser.send("POST", "token/refresh", {}, {}, "null")).status_code == 422


async def test_a_second_factor_is_set_up_and_asked_for(strict, opened) -> None:
    browser = await opened(strict)
    to_set_up = await browser.log_in(*ROSA)
    assert to_set_up["qr_uri"].startswith("otpauth://totp/")
    assert "access_token" not in to_set_up
    asked_for = await browser.log_in(*ROSA)
    assert "access_token" not in asked_for
    assert "qr_uri" not in asked_for
    with pytest.raises(Shown):
        await browser.log_in(*ROSA, "000")
    code = pyotp.TOTP(to_set_up["otp_secret"]).now()
    assert "access_token" in await browser.log_in(*ROSA, code)


async def test_a_token_that_has_expired_is_renewed_unseen(strict, opened) -> None:
    browser = await opened(strict)
    factor = pyotp.TOTP((await browser.log_in(*ROSA))["otp_secret"])
    await browser.log_in(*ROSA, factor.now())
    old = browser.tokens["access_token"]
    async with asyncio.timeout(PATIENCE):
        while (await browser.send("GET", "rule", None, {}, old)).status_code != 401:
            pass
    show_all("rule", await browser.get("rule"))
    assert browser.tokens["access_token"] != old


async def test_a_lost_second_factor_is_replaced(strict, opened) -> None:
    browser = await opened(strict)
    old = await browser.log_in(*ROSA)
    lost = {"username": ROSA[0], "password": ROSA[1]}
    assert (await browser.post("recover/2fa/lost", lost))["msg"]
    new = await browser.post("recover/2fa/reset", {"reset_token": mailed_token(strict)})
    assert new["qr_uri"] != old["qr_uri"]
    assert "access_token" in await browser.log_in(*ROSA, pyotp.TOTP(new["otp_secret"]).now())


@pytest.mark.parametrize("who", [{"username": "viewer"}, {"email": "viewer@org1.example"}])
async def test_a_lost_password_is_replaced(up, opened, who) -> None:
    browser = await opened(up)
    assert (await browser.post("recover/lost", who))["msg"]
    reset = {"reset_token": mailed_token(up), "password": "Viewer-1"}
    assert (await browser.post("recover/reset", reset))["msg"]
    assert "access_token" in await browser.log_in("viewer", "Viewer-1")


async def test_a_password_is_changed_on_the_profile_page(up, opened) -> None:
    browser = await opened(up, "organization_admin")
    change = {"current_password": "Organization-Admin-1", "new_password": "Organization-Admin-2"}
    assert (await browser.patch("password/change", change))["msg"]
    await browser.log_in("organization_admin", "Organization-Admin-2")
    back = {"current_password": "Organization-Admin-2", "new_password": "Organization-Admin-1"}
    await browser.patch("password/change", back)
