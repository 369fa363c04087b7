"""`v6sim run`: the dry run of an algorithm."""

import typer

from v6sim.cli import egress, failures, forever, logs, options
from v6sim.cli import run_options as given


def run(
    algorithm: given.Algorithm,
    folders: given.Folders = None,
    data: given.Data = [],  # noqa: B006 - typer copies it
    method: given.Method = None,
    kwarg: given.Kwarg = [],  # noqa: B006
    arg: given.Arg = [],  # noqa: B006
    input_: given.Input = [],  # noqa: B006
    master: given.Master = None,
    matrix: given.Matrix = [],  # noqa: B006
    encrypted: given.Encrypted = False,
    executor: given.Executor = None,
    cold: options.Cold = False,
    python: given.Python = None,
    command: given.Command = None,
    module: given.Module = None,
    env: given.Env = [],  # noqa: B006
    watch: given.Watch = False,
    pdb: given.Pdb = False,
    pooled: given.Pooled = False,
    rtol: given.Relative = None,
    atol: given.Absolute = None,
    record: given.Record = None,
    replay: given.Replay = None,
    as_json: given.AsJson = False,
    junit: given.Junit = None,
    trace: given.Trace = None,
    egress_fail: egress.Fail = False,
    egress_min_count: egress.MinCount = None,
    max_payload_values: given.MaxPayloadValues = None,
    trust_results: given.TrustResults = False,
    verbose: given.Verbose = False,
) -> None:
    """Run an algorithm on local files as on a federation: one organization per --data."""
    logs.set_up(verbose=verbose)
    with failures.clear_failures():
        from v6sim.cli import running
        from v6sim.cli.request import Request

        request = Request(
            algorithm=algorithm, data=data, matrix=[*matrix, *map(str, folders or ())],
            stray=folders if folders and not matrix else [],
            method=method, args=arg, kwargs=kwarg, input=input_, master=master, encrypted=encrypted,
            chosen_executor=executor, cold=cold, python=python, command=command,
            module=module, env=env, watch=watch, pdb=pdb,
            pooled=pooled, rtol=rtol, atol=atol, record=record, replay=replay, as_json=as_json,
            junit=junit, trace=trace, egress_fail=egress_fail,
            egress_min_count=egress_min_count, max_payload_values=max_payload_values,
            trust_results=trust_results, verbose=verbose,
        )  # fmt: skip
        request.check()
        forever.end_in_order()
        raise typer.Exit(running.run(request))
