"""The deliberate bugs. Each breaks a promise, which its name says."""

from collections.abc import Mapping

from .bug import Bug

RARE = "fewer than one in a thousand schedules show it"
FOUND = f"{RARE}; test_found.py does"

# In what is created, carried on and ended.
RUNS = (
    Bug("the attempt is part of the intent", "wiring:origin_of",
        "job.workflow_run_id or uuid.uuid4().hex", 'f"{job.workflow_run_id}:{job.attempt}"'),
    Bug("a re-run deploys again what has succeeded", "domain.reconcile:look_back", "done and not redeploy", "False"),
    Bug("redeploy is ignored", "wiring:plan_of", 'inputs.on_rerun == "redeploy"', "False"),
    Bug("a re-run creates beside an active run", "domain.reconcile:look_back",
        "Resume(winner, latest, twins_of(Mark(intent, latest), winner, runs))", "Start(latest + 1)"),
    Bug("what an earlier generation has left open stays so", "app.elect:Election._hold",
        "outlived(opened.mark, found)", "()", missed=RARE),
    Bug("each request has a fresh nonce", "app.create:Creator._send",
        "nonce_of(self._mark, self._refusals)", "nonce_of(self._mark, int(self._clock.spread() * 1e9))"),
    Bug("a lost run is looked for during two seconds", "app.create:Creator._resolve", "self._policy.settle", "2.0"),
    Bug("only the first page of runs is read", "app.scan:_pass",
        "len(page.runs) < PAGE_SIZE and (len(runs) >= page.total or not page.runs)", "True",
        missed="one in some thousands of schedules shows it"),
    Bug("runs of other workspaces count", "domain.reconcile:of_workspace",
        "[run for run in runs if run.project_id in {None, project_id}]", "list(runs)",
        missed="the emulator lists no runs of other workspaces"),
    Bug("a quoted mark is a mark", "domain.mark:parse_mark", "_MARK.match", "_MARK.search"),
    Bug("nothing is elected", "app.elect:Election._hold", "opened.sure or opened.mark is None", "True"),
    Bug("an advanced twin is abolished", "app.duplicates:_try", "if run.advanced:", "if False:"),
    Bug("somebody else's run is always taken", "wiring:plan_of", "inputs.on_active_run", '"adopt"'),
    Bug("a run of either type is taken", "domain.model:Run.may_be", "not self.types or wanted in self.types", "True"),
    Bug("a run of run-ids is refused", "app.named:Named.open", "self._wrong(run)", '"no"'),
    Bug("a stage is executed until it moves", "domain.advance", "MOST_EXECUTIONS = 3", "MOST_EXECUTIONS = 30"),
    Bug("a denial counts for the execution before it", "app.follow:Follower._execute",
        "not before.executions", "True", missed=FOUND),
    Bug("what an earlier attempt has created is not withdrawn", "app.deploy:Deployment._withdraw",
        "self._ledger[each].outcome in STILL_OPEN",
        "(self._ledger[each].attempts and self._ledger[each].outcome in STILL_OPEN)"),
    Bug("what deploys is abolished", "app.withdraw:_Withdrawal.carry_out",
        "case Ok(Run(deploying=True) as run):", "case Ok(Run(deploying=None) as run):"),
    Bug("what was just told to deploy is abolished", "app.withdraw:_Withdrawal.carry_out",
        "self.world.clock.monotonic() >= self.shows_at", "True"),
    Bug("nothing is withdrawn", "app.deploy:Deployment.run", "end in self._plan.abolish_on", "False"),
    Bug("abolish-on is ignored", "wiring:plan_of",
        "inputs.abolish_on", 'frozenset({"cancel", "failure", "timeout"})'),
    Bug("the post step abolishes what bears any mark", "app.withdraw:_bears", "mark.intent == intent", "True"),
    Bug("the post step is left nothing", "journal:StepJournal._write", "{STATE: saved(report.results)}", "{}"),
    Bug("after a deadline the post step is left nothing", "main:carry_out",
        "end not in plan.abolish_on", 'str(end) != "cancel" or "cancel" not in plan.abolish_on'),
    Bug("the post step abolishes after any kill", "journal:StepJournal.known", "not self.abolishes", "False"),
    Bug("abolishing takes as long as it takes", "app.deploy", "OVERTIME = 8.0", "OVERTIME = 80.0"),
)  # fmt: skip

# In what is said, in how the inputs are followed, and in time and calls.
WORDS = (
    Bug("a request that is under way is not noted", "app.create:Creator._sending", "outcome=Outcome.UNKNOWN", "**{}"),
    Bug("what was lost and is not found is rejected", "app.create:Creator._resolve",
        "self._end_as_unknown()", 'self._ledger.end(self._object, Outcome.REJECTED, "not created")'),
    Bug("every lost answer is unknown", "app.create:Creator._resolve",
        "look = self._look()", "self._end_as_unknown(); return None"),
    Bug("a look ends with its last list, whether that came or not", "app.look:Look.find",
        "not seen.hopeless", "False"),
    Bug("a creation that comes too fast is rejected", "app.create:Creator._may_try_again", "patient or few", "few"),
    Bug("the RequestId of the first answer is kept", "app.create:Creator._send",
        "told or self._request_id", "self._request_id or told"),
    Bug("the RequestId of a run that is not carried on is kept", "app.elect:Election._hold",
        "request_id=None", "**{}"),
    Bug("requests are not counted", "app.create:Creator._sending", "self._ledger[self._object].attempts + 1", "1"),
    Bug("what was found was not adopted", "app.opened:adopt", "adopted=True", "adopted=False"),
    Bug("duplicates are named when they are abolished", "app.opened:adopt",
        "duplicates.announce(world, ledger, object_id, run.id, twins)", "None", missed=FOUND),
    Bug("everything is rejected", "app.create:Creator.create", "self._ledger.begin(self._object)",
        'self._ledger.begin(self._object); self._ledger.end(self._object, Outcome.REJECTED, ""); return None'),
    Bug("nothing is said of a second run", "app.create:Creator._warn_of_second", "if possible:", "if False:",
        missed=FOUND),
    Bug("a conflict names no run and no mark", "app.create:Creator._resolve",
        "wording_creation.conflict(run, self._mark, self._creation.type)", '""'),
    Bug("a re-run that cannot look back names no mark", "app.earlier:LookBack._runs",
        "wording_creation.no_look_back(intent, runs.fault)", "wording.words(runs.fault)"),
    Bug("duplicates are not named", "app.duplicates:announce", "if others:", "if False:",
        missed="what is done about a duplicate names it as well"),
    Bug("success is said to have failed", "domain.advance", "Outcome.SUCCEEDED", "Outcome.FAILED"),
    Bug("a terminated run is said to have succeeded", "domain.advance", "Outcome.TERMINATED", "Outcome.SUCCEEDED"),
    Bug("a run is given up when it deploys", "app.follow:Follower._step", "",
        'if run.reached and run.reached.code == "PROD": return self._end(Outcome.FAILED, "")'),
    Bug("an end is not read again", "app.follow:Follower._step", "await self._confirm()",
        'self._end(next_move(run, self._goal, self._tried, self._world.clock.monotonic()).outcome, "")'),
    Bug("unknown is said to have failed", "domain.outcome:verdict_of", "Verdict.UNKNOWN", "Verdict.FAILED"),
    Bug("until-stage is ignored", "wiring:plan_of", "until_stage=follow.until_stage", 'until_stage=""'),
    Bug("advance: false is ignored", "wiring:plan_of", "follow.advance", "True"),
    Bug("Offline is sent as Online", "wiring:creation_of", "inputs.type", "type(inputs.type).ONLINE"),
    Bug("dry-run is ignored", "wiring:plan_of", "inputs.dry_run", "False"),
    Bug("fail-fast is ignored", "app.deploy:Deployment._goes_on", "not self._plan.fail_fast", "True"),
    Bug("what waits to be created is created after a failure", "app.create:Creator._ask_whether_wanted",
        "not (self._lost or self._wanted())", "False"),
    Bug("fail-fast takes what was only created for a failure", "app.deploy:Deployment._goes_on",
        "entry.outcome in GOOD", "entry.outcome is Outcome.SUCCEEDED"),
    Bug("max-parallel is ignored", "app.deploy:Deployment._work", "self._plan.max_parallel", "99"),
    Bug("a stage is executed again without a look", "app.follow:Follower._step",
        "fresh or not self._executions(stage)", "True"),
    Bug("only raw secrets are hidden", "domain.secrets:_forms", "yield secret", "yield secret; return"),
    Bug("the state holds a secret", "journal:StepJournal._write", "{STATE: saved(report.results)}",
        '{STATE: saved(report.results), "key": "".join(self.secrets._plain)}'),
    Bug("the results end with a comma", "report.outputs:outputs", '"]"', '",]"'),
    Bug("a stop is ignored", "app.deploy:Deployment._until_end", "stop.wait()", "asyncio.Event().wait()"),
    Bug("the post step calls without a pause", "app.withdraw", "(0.0, 4.0, 11.0, 25.0)", "(0.0,) * 1500"),
)  # fmt: skip

BUGS = {bug.name: bug for bug in (*RUNS, *WORDS)}

# The likely ones: each below the test of test_likely.py that has to find it.
LIKELY: Mapping[str, tuple[Bug, ...]] = {
    "test_a_missing_paging_info_is_not_read_as_no_runs": (
        Bug("no PagingInfo is read as no runs", "adapters.answers:page",
            'raise GarbledAnswerError("the answer has no list of runs")', "return Page((), 0)"),
    ),
    "test_not_only_a_timeout_is_a_lost_answer": (
        Bug("an answer that is none is a refusal", "adapters.failures:ending_of",
            "Unclear(Fault(str(error), request_id=asked, http_status=200))",
            "Refused(Refusal.OTHER, Fault(str(error), request_id=asked, http_status=200))"),
        Bug("only a timeout is a lost answer", "adapters.failures:ending_of",
            "return Unclear(Fault(_silence(causes, status), request_id=asked, http_status=status))",
            "lost = Fault(_silence(causes, status), request_id=asked, http_status=status)\n"
            'return Unclear(lost) if "in time" in lost.message else Refused(Refusal.OTHER, lost)'),
    ),
    "test_one_retry_around_all_calls_would_create_and_execute_twice": (
        Bug("every call is repeated once", "adapters.dataworks:_carry_out", "response = operation(request, options)",
            "try:\n response = operation(request, options)\n"
            "except Exception:\n response = operation(request, options)"),
        Bug("the connection repeats what has no answer", "adapters.line:Line.__init__",
            "super().__init__(pool_maxsize=pool_size or _POOL_SIZE)",
            "super().__init__(max_retries=__import__('urllib3').Retry(2, allowed_methods=None))"),
    ),
    "test_our_run_is_not_only_looked_for_among_the_running_ones_on_page_one": (
        Bug("only running runs are listed", "adapters.dataworks:DataWorks.page",
            "page_size=PAGE_SIZE", '**{"page_size": PAGE_SIZE, "status": "Running"}'),
        BUGS["only the first page of runs is read"],
    ),
    "test_the_mark_is_not_drawn_at_random": (
        Bug("the mark is drawn at random", "wiring:origin_of",
            "job.workflow_run_id or uuid.uuid4().hex", "uuid.uuid4().hex"),
    ),
    "test_a_run_without_our_mark_is_not_adopted": (
        Bug("what is active is adopted", "domain.reconcile:judge",
            "bearing(mark, runs)", "bearing(mark, runs) or [run for run in runs if not run.ended]"),
    ),
    "test_termination_is_no_success_and_nothing_to_wait_for_for_ever": (
        BUGS["a terminated run is said to have succeeded"],
        Bug("a terminated run has not ended", "domain.model",
            "{SUCCESS, FAIL, TERMINATION, CANCEL}", "{SUCCESS, FAIL, CANCEL}"),
    ),
    "test_stages_are_not_taken_in_the_order_of_the_list": (
        Bug("stages run in the order of the list", "domain.model:Run.ordered",
            'tuple(sorted(self.stages, key=attrgetter("step")))', "self.stages"),
    ),
    "test_a_deadline_is_no_failure_and_does_not_lose_the_run": (
        Bug("what the deadline has cut off has failed", "app.deploy:Deployment._close",
            "self._ledger.end(entry.object_id, outcome, text)",
            "self._ledger.end(entry.object_id, Outcome.FAILED, text)"),
        Bug("the deadline forgets the run", "app.deploy:Deployment._close",
            "outcome, text = wording.interrupted(entry, by=end)",
            "outcome, text = wording.interrupted(entry, by=end); self._ledger.note(entry.object_id, run_id=None)"),
    ),
    "test_no_call_takes_several_ids": (
        Bug("all IDs go into one call", "wiring:_tasks",
            "creation_of(inputs, each)", 'creation_of(inputs, ObjectId(",".join(inputs.object_ids)))'),
    ),
    "test_no_text_of_the_service_becomes_a_command": (
        Bug("only LF ends a line", "report.harmless:one_line",
            'line = _BREAKS.sub(" / ", text.replace("\\t", " "))\n'
            'visible = line if line.isascii() and line.isprintable() else "".join(map(_visible, line))',
            'visible = text.replace("\\n", " / ")'),
        Bug("old commands work", "report.harmless:one_line", '_OLD_COMMAND.sub("# #", cut)', "cut"),
    ),
    "test_a_cancelled_step_abolishes_neither_foreign_runs_nor_what_deploys": (
        BUGS["what deploys is abolished"],
        Bug("what is active is taken for our own", "app.withdraw:find_own",
            "not run.ended and _bears(run, intent)", "not run.ended"),
    ),
}  # fmt: skip
