"""Settings of the server that are given in code."""

from collections.abc import Mapping

from v6sim.sandbox.arguments import WrongArgument, shown
from v6sim.server.settings import Settings
from v6sim.world.nearest import nearest


def check_settings(settings: object) -> None:
    """Make sure that they are none that is misspelled; what resembles no setting is ignored.

    Raises:
        WrongArgument: they are.
    """
    if settings is None:
        return
    if not isinstance(settings, Mapping):
        raise WrongArgument(f"settings={shown(settings)}: a dict of values by name is expected")
    known = Settings.model_fields
    for name in settings:
        if name not in known and (meant := nearest(str(name), known)):
            raise WrongArgument(f"there is no setting {shown(name)}; did you mean {meant!r}?")
