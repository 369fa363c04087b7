"""How many algorithms run at once."""

import asyncio

import pytest

from v6sim.node.places import Place, Places


async def test_there_are_as_many_as_cores_but_at_least_two(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for cores, number in ((8, 8), (1, 2), (None, 2)):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        assert Places().number == number


async def test_those_who_come_first_are_served_first() -> None:
    places = Places(1)
    served: list[int] = []

    async def hold(number: int) -> None:
        async with places.place():
            served.append(number)

    async with places.place():
        holders = [asyncio.create_task(hold(number)) for number in range(3)]
        await asyncio.sleep(0)
        assert served == []
    await asyncio.gather(*holders)
    assert served == [0, 1, 2]


async def test_a_place_that_is_given_back_early_is_free_for_one_other() -> None:
    places = Places(1)
    inner: list[Place] = []
    async with places.place() as outer:
        outer.give_back()
        outer.give_back()
        async with places.place() as place:
            inner.append(place)
            waiting = asyncio.create_task(places._free.acquire())
            await asyncio.sleep(0)
            assert not waiting.done()
            waiting.cancel()
    assert len(inner) == 1


async def test_a_place_is_free_again_after_an_error() -> None:
    places = Places(1)
    with pytest.raises(ValueError, match="oops"):
        async with places.place():
            raise ValueError("oops")
    async with asyncio.timeout(1), places.place():
        pass
