"""What a sandbox makes up, and may keep from one start to the next."""

import asyncio
import os
import shutil
import uuid
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from v6sim import keyring
from v6sim.keep import Keep
from v6sim.node.folders import new_folder
from v6sim.world import World


def settings_from(keep: Keep, world: World) -> dict[str, Any]:
    """Settings of a server whose database and secrets are in a folder.

    A database that the world or the environment names is used instead of the one there.
    """
    settings = {"jwt_secret_key": keep.secret("jwt_secret_key")}
    if "database_url" not in world.settings and "V6SIM_DATABASE_URL" not in os.environ:
        settings["database_url"] = keep.database_url
    return settings


def maker(keep: Keep | None) -> Callable[[str], str]:
    """What gives the secret of a name: the one that is kept, or a new one."""
    return keep.secret if keep else lambda _name: str(uuid.uuid4())


async def private_keys(
    organizations: Iterable[str], keep: Keep | None, stack: AsyncExitStack
) -> dict[str, Path]:
    """Files with private keys for organizations; without a folder that keeps them, for now only.

    Args:
        organizations: their names.
        keep: the folder.
        stack: what ends with the sandbox.
    """
    names = list(organizations)
    if not names:
        return {}
    folder = keep.keys if keep else _temporary_folder(stack)
    return await asyncio.to_thread(keyring.make_keys, names, folder)


def _temporary_folder(stack: AsyncExitStack) -> Path:
    folder = new_folder("keys")
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder
