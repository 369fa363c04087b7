"""`v6sim server`: a server alone; its nodes connect from elsewhere."""

import typer

from v6sim.cli import failures, forever, logs, options


def server(
    world: options.World = "manual",
    port: options.Port = 5000,
    host: options.Host = "127.0.0.1",
    keep: options.Keep = None,
    verbose: options.Verbose = False,
) -> None:
    """Run the server of a world alone, until ctrl-C; nodes connect with `v6sim node`."""
    with failures.clear_failures():
        from v6sim.sandbox import Federation
        from v6sim.world import World

        logs.set_up(verbose=verbose)
        service = Federation(World.load(world), host=host, port=port, keep=keep, with_nodes=False)

        def tell(up: Federation) -> None:
            typer.echo(f"The server is up at {up.serving.api_url}  (ctrl-C stops it)")

        forever.run_until_stopped(service, tell)
