"""Logins, lock-outs and tokens, on a clock that the tests move."""

from datetime import timedelta

import pyotp

WRONG = {"username": "viewer", "password": "wrong"}
RIGHT = {"username": "viewer", "password": "Viewer-1"}


async def test_five_wrong_passwords_lock_an_account_for_a_while(calling, clock) -> None:
    nobody = await calling()
    for _ in range(5):
        assert (await nobody.ask("POST", "/token/user", WRONG)).status_code == 401
    locked = await nobody.ask("POST", "/token/user", RIGHT)
    assert locked.status_code == 401
    assert "locked for 15 more minutes" in locked.json()["msg"]
    clock.shift(timedelta(minutes=14))
    assert (await nobody.ask("POST", "/token/user", RIGHT)).status_code == 401
    clock.shift(timedelta(minutes=2))
    assert (await nobody.ask("POST", "/token/user", RIGHT)).status_code == 200


async def test_after_the_pause_a_wrong_password_counts_from_one_again(calling, clock) -> None:
    nobody = await calling()
    for _ in range(5):
        await nobody.ask("POST", "/token/user", WRONG)
    clock.shift(timedelta(minutes=16))
    for _ in range(4):
        await nobody.ask("POST", "/token/user", WRONG)
    assert (await nobody.ask("POST", "/token/user", RIGHT)).status_code == 200


async def test_an_access_token_lives_six_hours(calling, clock) -> None:
    viewer = await calling("viewer")
    clock.shift(timedelta(hours=5, minutes=59))
    assert (await viewer.ask("GET", "/rule")).status_code == 200
    clock.shift(timedelta(minutes=2))
    expired = await viewer.ask("GET", "/rule")
    assert (expired.status_code, expired.json()) == (
        401, {"msg": "the token has expired: log in again"}
    )  # fmt: skip


async def test_a_kept_list_is_not_shown_to_an_expired_token(calling, clock) -> None:
    viewer = await calling("viewer")
    for _ in range(2):
        assert (await viewer.ask("GET", "/organization")).status_code == 200
    clock.shift(timedelta(hours=7))
    assert (await viewer.ask("GET", "/organization")).status_code == 401


async def test_the_type_test_lets_access_tokens_live_a_day(calling, make_server, clock) -> None:
    viewer = await calling("viewer", to=make_server(type="test"))
    clock.shift(timedelta(hours=23))
    assert (await viewer.ask("GET", "/rule")).status_code == 200


async def test_a_refresh_token_gives_a_new_access_token_for_ever(calling, clock) -> None:
    nobody = await calling()
    tokens = await nobody("POST", "/token/user", RIGHT)
    clock.shift(timedelta(days=400))
    bearer = {"Authorization": f"Bearer {tokens['refresh_token']}"}
    fresh = await nobody("POST", "/token/refresh", headers=bearer)
    bearer = {"Authorization": f"Bearer {fresh['access_token']}"}
    assert (await nobody.ask("GET", "/rule", headers=bearer)).status_code == 200


async def test_a_second_factor_is_set_up_at_the_first_login(calling, make_server, clock) -> None:
    nobody = await calling(to=make_server(two_factor_auth=True))
    first = await nobody("POST", "/token/user", RIGHT)
    assert set(first) == {"qr_uri", "otp_secret", "msg"}
    assert set(await nobody("POST", "/token/user", RIGHT)) == {"msg"}
    code = pyotp.TOTP(first["otp_secret"]).at(clock.now())
    assert "access_token" in await nobody("POST", "/token/user", {**RIGHT, "mfa_code": code})
    wrong = await nobody.ask("POST", "/token/user", {**RIGHT, "mfa_code": "x"})
    assert wrong.status_code == 401


async def test_a_lost_password_is_replaced_by_mail(calling, server) -> None:
    nobody = await calling()
    unknown = await nobody("POST", "/recover/lost", {"username": "nobody"})
    known = await nobody("POST", "/recover/lost", {"username": "viewer"})
    assert unknown == known
    [mail] = server.core.outbox.mails
    assert mail.subject == "Password reset vantage6"
    token = next(line for line in mail.text.splitlines() if line.startswith("ey"))
    weak = await nobody.ask("POST", "/recover/reset", {"reset_token": token, "password": "short"})
    assert weak.status_code == 400
    await nobody("POST", "/recover/reset", {"reset_token": token, "password": "Another-1"})
    login = {"username": "viewer", "password": "Another-1"}
    assert "access_token" in await nobody("POST", "/token/user", login)


async def test_a_mailed_token_is_good_for_an_hour(calling, server, clock) -> None:
    nobody = await calling()
    await nobody("POST", "/recover/lost", {"username": "viewer"})
    text = server.core.outbox.mails[0].text
    token = next(line for line in text.splitlines() if line.startswith("ey"))
    clock.shift(timedelta(minutes=61))
    body = {"reset_token": token, "password": "Another-1"}
    assert (await nobody.ask("POST", "/recover/reset", body)).status_code == 401


async def test_the_server_keeps_no_password_and_no_key_in_clear(server) -> None:
    text = str(server.core.store.snapshot())
    assert "Viewer-1" not in text
    assert "00000000-0000-4000-8000-000000000001" not in text
