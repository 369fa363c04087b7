"""The federations of the fixtures: made when they are wanted, gone at the end."""

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NoReturn, Self

from v6sim import garbage
from v6sim.testing.guard import Guard

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from v6sim.sandbox import AnySandbox, Sandbox
    from v6sim.world import World

_MOST = 4  # federations of the fixture `sandbox` that run at a time


class NodesNotStarted(Exception):
    """Nodes of a sandbox did not start, so that tasks for them would wait for ever.

    Args:
        failed: why, by the names of the nodes.
    """

    def __init__(self, failed: "Mapping[str, Exception]") -> None:
        reasons = "\n".join(f"  {name}: {why}" for name, why in failed.items())
        super().__init__(f"of the sandbox's nodes, these did not start:\n{reasons}")


class SandboxFactory:
    """Makes running sandboxes, with the arguments of `v6sim.Sandbox`; a context manager.

    Args:
        executor: how algorithms run where nobody says otherwise.
        guard: sees to it that nothing is left behind.
    """

    def __init__(self, executor: str | None, guard: Guard) -> None:
        self._executor, self.guard = executor, guard
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Be ready."""
        return self

    def __exit__(self, *_error: object) -> None:
        """End all sandboxes."""
        with self.guard.taking_over():
            self._stack.close()

    def __call__(
        self, world: "World | str | Path | None" = None, *, data: Any = None, **options: Any
    ) -> "Sandbox":
        """A sandbox of a world (by default the built-in `manual`), or one of data.

        Args:
            world: as for `v6sim.Sandbox`.
            data: tables (frames, lists of dicts, paths), by name or as a list: it makes a
                federation with one organization for each.
            options: as for `v6sim.Sandbox`.

        Raises:
            NodesNotStarted: a node of the world did not start.
            WrongData: something is no table.
            WrongArgument: an argument cannot be what it is.
        """
        return self.make(self._stack, world, data=data, **options)

    def make(
        self, stack: ExitStack, world: "World | str | Path | None" = None, *, data: Any = None,
        **options: Any,
    ) -> "Sandbox":  # fmt: skip
        """The same, for as long as a stack stands."""
        with garbage.unsought():
            box = self._make(stack, world, data, options)
        garbage.spare()
        return box

    def _make(
        self, stack: ExitStack, world: "World | str | Path | None", data: Any, options: Any
    ) -> "Sandbox":
        from v6sim.sandbox import Sandbox, WrongArgument
        from v6sim.sandbox.arguments import check_options
        from v6sim.sandbox.box import OPTIONS
        from v6sim.testing.data import world_of

        check_options(options, ("world", "data", *OPTIONS), "sandbox_factory")

        if data is not None and world is not None:
            raise WrongArgument(
                "sandbox_factory takes a world or data=, not both: tables make a world of their own"
            )
        if options.get("executor") is None:
            options["executor"] = self._executor
        with ExitStack() as own:
            self.guard.begin(docker=False)
            made = world if data is None else own.enter_context(world_of(data))
            box = Sandbox("manual" if made is None else made, **options)
            if "docker" in (options["executor"], box.world.executor):
                self.guard.begin(docker=True)
            own.enter_context(box)
            if box.failed:
                raise NodesNotStarted(box.failed)
            stack.enter_context(own.pop_all())
        return box

    def __getattr__(self, name: str) -> NoReturn:
        from v6sim.sandbox import Sandbox
        from v6sim.world.nearest import nearest

        meant = nearest(name, dir(Sandbox)) or "run"
        raise AttributeError(
            f"sandbox_factory has no {name!r}: it makes sandboxes, which have. Say "
            f"`box = sandbox_factory(...)`, then `box.{meant}`"
        )


class Federations:
    """Those of the fixture `sandbox`, by their worlds and executors; a context manager.

    Only a few run at a time: the one that was not used for longest makes room for another.

    Args:
        factory: makes them.
    """

    def __init__(self, factory: SandboxFactory) -> None:
        self._factory = factory
        self._running: list[tuple[Any, str | None, AnySandbox, ExitStack]] = []

    def __enter__(self) -> Self:
        """Be ready."""
        return self

    def __exit__(self, *_error: object) -> None:
        """End all."""
        while self._running:
            with self._factory.guard.taking_over():
                self._running.pop()[-1].close()

    def get(self, world: "World | str | Path", executor: str | None) -> "AnySandbox":
        """The one of a world, started if need be."""
        for place, (known, how, box, _) in enumerate(self._running):
            if type(known) is type(world) and known == world and how == executor:
                self._running.append(self._running.pop(place))
                return box
        while len(self._running) >= _MOST:
            self._running.pop(0)[-1].close()
        stack = ExitStack()
        box = self._factory.make(stack, world, executor=executor)
        self._running.append((world, executor, box, stack))
        return box
