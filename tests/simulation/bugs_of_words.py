"""Bugs in what is said, in how the inputs are followed, and in time and calls."""

from .bug import Bug

WORDS = (
    Bug(
        "a request that is under way is not noted",
        "A step that is killed leaves `unknown` behind where an answer is missing, never silence.",
        "app/create.py",
        "            outcome=Outcome.UNKNOWN,\n            attempts",
        "            attempts",
    ),
    Bug(
        "what was lost and is not found is rejected",
        "Where nobody can tell whether there is a run the object is `unknown`.",
        "app/create.py",
        "                return None\n        self._end_as_unknown()\n",
        '                return None\n        self._ledger.end(self._object, Outcome.REJECTED, "not created")\n',
    ),
    Bug(
        "every lost answer is unknown",
        "`unknown` only where looking for the run does not help.",
        "app/create.py",
        "        match await look_for(",
        "        self._end_as_unknown()\n        return None\n        match await look_for(",
    ),
    Bug(
        "everything is rejected",
        "`rejected` means that the service has refused.",
        "app/create.py",
        "        self._ledger.begin(self._object)\n",
        "        self._ledger.begin(self._object)\n"
        '        self._ledger.end(self._object, Outcome.REJECTED, "")\n        return None\n',
    ),
    Bug(
        "nothing is said of a second run",
        "Where a second run may turn up the outputs name its mark.",
        "app/create.py",
        "        if possible:\n",
        "        if False:\n",
    ),
    Bug(
        "a conflict names no run and no mark",
        "A conflict names the run of somebody else, and the mark to look for.",
        "app/create.py",
        "text = wording_creation.conflict(run, self._mark)",
        'text = ""',
    ),
    Bug(
        "duplicates are not named",
        "All runs under one mark are in the outputs or the log.",
        "app/duplicates.py",
        "    if others:\n",
        "    if False:\n",
    ),
    Bug(
        "success is said to have failed",
        "No other end is claimed of a run that has ended as Success.",
        "domain/advance.py",
        "SUCCESS: Outcome.SUCCEEDED",
        "SUCCESS: Outcome.FAILED",
    ),
    Bug(
        "a terminated run is said to have succeeded",
        "`succeeded` means that the service says Success.",
        "domain/advance.py",
        "TERMINATION: Outcome.TERMINATED",
        "TERMINATION: Outcome.SUCCEEDED",
    ),
    Bug(
        "a run is given up when it deploys",
        "Nothing is reported of a run that was not read.",
        "app/follow.py",
        "        self._show(run)\n        match next_move(run, self._goal, self._tried, "
        "self._world.clock.monotonic()):\n            case Wait():",
        '        if run.reached and run.reached.code == "PROD":\n'
        '            return self._end(Outcome.FAILED, "")\n'
        "        match next_move(run, self._goal, self._tried, self._world.clock.monotonic()):\n"
        "            case Wait():",
    ),
    Bug(
        "an end is not read again",
        "`succeeded` comes from a status that was read by a call of its own.",
        "app/follow.py",
        "            case Ended():\n                return await self._confirm()",
        '            case Ended(outcome):\n                return self._end(outcome, "")',
    ),
    Bug(
        "unknown is said to have failed",
        "A step with an object that is `unknown` is `unknown`.",
        "domain/outcome.py",
        "        return Verdict.UNKNOWN\n",
        "        return Verdict.FAILED\n",
    ),
    Bug(
        "until-stage is ignored",
        "A run is taken no further than until-stage.",
        "wiring.py",
        "until_stage=follow.until_stage,\n            automatic",
        'until_stage="",\n            automatic',
    ),
    Bug(
        "advance: false is ignored",
        "With advance: false no stage is executed.",
        "wiring.py",
        "advance=follow.advance",
        "advance=True",
    ),
    Bug(
        "Offline is sent as Online",
        "What is created is what the inputs say.",
        "wiring.py",
        "        object_id,\n        inputs.type,",
        "        object_id,\n        type(inputs.type).ONLINE,",
    ),
    Bug(
        "dry-run is ignored",
        "A dry run changes nothing.",
        "wiring.py",
        "        dry_run=inputs.dry_run,\n        abolish",
        "        dry_run=False,\n        abolish",
    ),
    Bug(
        "fail-fast is ignored",
        "With fail-fast nothing is started after an object has failed.",
        "app/deploy.py",
        "if self._plan.fail_fast and self._failed():",
        "if False:",
    ),
    Bug(
        "max-parallel is ignored",
        "No more than max-parallel objects are under way at once.",
        "app/deploy.py",
        "range(min(self._plan.max_parallel, len(self._plan.tasks)))",
        "range(len(self._plan.tasks))",
    ),
    Bug(
        "a stage is executed again without a look",
        "A stage is executed again only where a reading shows no sign of the first execution.",
        "app/follow.py",
        "if before.executions and not await self._still_waits(stage):",
        "if False:",
    ),
    Bug(
        "only raw secrets are hidden",
        "No secret in the log, in whatever encoding.",
        "domain/secrets.py",
        "    yield secret\n",
        "    yield secret\n    return\n",
    ),
    Bug(
        "the state holds a secret",
        "No secret is written into a file of the runner.",
        "journal.py",
        "saved(report.results, over=over)}",
        'saved(report.results, over=over), "key": "".join(self.secrets._plain)}',
    ),
    Bug(
        "the results end with a comma",
        "The outputs parse.",
        "report/outputs.py",
        "for result in results)}]",
        "for result in results)},]",
    ),
    Bug(
        "a stop is ignored",
        "A step ends within five seconds of being told to stop.",
        "app/deploy.py",
        "asyncio.create_task(stop.wait())",
        "asyncio.create_task(asyncio.Event().wait())",
    ),
    Bug(
        "the post step calls without a pause",
        "At most so many calls for an object.",
        "app/withdraw.py",
        "LOOKS = (0.0, 3.0, 6.0)",
        "LOOKS = (0.0,) * 1500",
    ),
)
