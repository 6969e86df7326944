"""The deliberate bugs. Each breaks a promise, which its name says."""

from collections.abc import Mapping
from dataclasses import replace

from .bug import NO_RULE, Bug

RARE = "fewer than one in a thousand schedules show it"
FOUND = f"{RARE}; test_found.py does"

# In what is created, carried on and ended.
RUNS = (
    Bug("the attempt is part of the intent", "wiring:origin_of",
        "job.workflow_run_id or uuid.uuid4().hex", 'f"{job.workflow_run_id}:{job.attempt}"'),
    Bug("a re-run deploys again what has succeeded", "domain.reconcile:look_back", "done and not redeploy", "False"),
    Bug("redeploy is ignored", "wiring:plan_of", "inputs.on_rerun is OnRerun.REDEPLOY", "False"),
    Bug("a re-run creates beside an active run", "domain.reconcile:look_back",
        "Resume(winner, latest, twins_of(Mark(intent, latest), winner, runs))", "Start(latest + 1)"),
    Bug("what an earlier generation has left open stays so", "engine.rivals:Rivals._hold",
        "outlived(opened.mark, found)", "()", missed=RARE),
    Bug("each request has a fresh nonce", "engine.create:Creator._send",
        "CreatePipelineRun(self._creation, description, nonce)",
        'CreatePipelineRun(self._creation, description, f"{self._clock.spread():.30f}")'),
    Bug("the nonce changes after a lost answer", "domain.requests:Requests.nonce", "self.throttled", "self.tries"),
    Bug("a lost run is looked for during two seconds", "engine.create:Creator._resolve", "self._policy.settle", "2.0"),
    Bug("only the first page of runs is read", "engine.pages:read_pages",
        "len(shown) < page.size and (len(rows) >= page.total or not shown)", "True",
        missed="one in some thousands of schedules shows it"),
    Bug("runs of other workspaces count", "domain.reconcile:of_workspace",
        "[run for run in runs if run.project_id in {None, project_id}]", "list(runs)",
        missed="the emulator lists no runs of other workspaces"),
    Bug("a quoted mark is a mark", "domain.reconcile:parse_mark", "_MARK.match", "_MARK.search"),
    Bug("nothing is elected", "engine.rivals:Rivals._hold", "opened.sure or opened.mark is None", "True"),
    Bug("an advanced twin is abolished", "engine.rivals:_try", "if run.advanced:", "if False:"),
    Bug("somebody else's run is always taken", "wiring:plan_of",
        "inputs.on_active_run", "type(inputs.on_active_run).ADOPT"),
    Bug("a run of either type is taken", "domain.model:Run.may_be", "not self.types or wanted in self.types", "True"),
    Bug("a run of run-ids is refused", "engine.named:Named.open", "self._wrong(run)", "NotOfWorkspace(run.id, 0)"),
    Bug("a stage is executed until it moves", "domain.advance", "MOST_EXECUTIONS = 3", "MOST_EXECUTIONS = 30"),
    Bug("a denial counts for the execution before it", "engine.follow:Follower._execute",
        "isinstance(ending, Refused) and ending.why in CERTAIN and not before.executions",
        "isinstance(ending, Refused) and ending.why in CERTAIN", missed=FOUND),
    Bug("what an earlier attempt has created is not withdrawn", "engine.deploy:Deployment._withdraw",
        "row_of(each.outcome).may_be_open", "(each.request.attempts and row_of(each.outcome).may_be_open)"),
    Bug("what deploys is abolished", "engine.withdraw:_Withdrawal.carry_out",
        "case Ok(Run(deploying=True) as run):", "case Ok(Run(deploying=None) as run):"),
    Bug("what was just told to deploy is abolished", "engine.withdraw:_Withdrawal.carry_out",
        "self._shows()", "True"),
    Bug("the ID of an answer is believed", "domain.reconcile:Claim.weigh",
        "Shows.OTHER if is_older else Shows.NOTHING", "Shows.NOTHING",
        missed="the emulator's runs of somebody else that an answer names have a description"),
    Bug("whatever an answer names is this job's", "engine.read:accept",
        "shows is Shows.OTHER and held and held.claim", "False"),
    Bug("what an answer names is abolished unread", "engine.withdraw:_Withdrawal.carry_out",
        "self.own.claim.weigh(run) is Shows.OTHER", "False", missed=RARE),
    Bug("a used nonce is taken for a refusal at once", "engine.create:Creator._after_earlier",
        "await look.find(self._policy.settle)", "await look.once()"),
    Bug("a re-run does not look at what shows no description", "engine.read:unmarked",
        "undescribed(runs, since)", "()"),
    Bug("an end counts at once", "engine.follow:Follower._confirm", "run.status == before", "True",
        missed="the emulator's runs do not end in two ways"),
    Bug("nothing is withdrawn", "engine.deploy:Deployment.run", "end in self._plan.abolish_on", "False"),
    Bug("abolish-on is ignored", "wiring:plan_of",
        "frozenset(End(each.value) for each in inputs.abolish_on)", "frozenset(End) - {End.NORMAL}"),
    Bug("the post step abolishes what bears any mark", "engine.withdraw:_bears", "mark.intent == intent", "True"),
    Bug("the post step is left nothing", "journal:StepJournal._write", "{STATE: saved(report.records)}", "{}"),
    Bug("after a deadline the post step is left nothing", "main:carry_out",
        "end not in plan.abolish_on", 'str(end) != "cancel" or "cancel" not in plan.abolish_on'),
    Bug("the post step abolishes after any kill", "journal:StepJournal.known", "not self.abolishes", "False"),
    Bug("abolishing takes as long as it takes", "engine.deploy", "OVERTIME = 8.0", "OVERTIME = 80.0"),
    NO_RULE,
)  # fmt: skip

# In what is said, in how the inputs are followed, and in time and calls.
WORDS = (
    Bug("a request that is under way is not noted", "domain.record",
        "{Phase.NOT_STARTED: Outcome.SKIPPED, Phase.REQUESTED: Outcome.UNKNOWN, Phase.OPEN: Outcome.CREATED}",
        "{Phase.NOT_STARTED: Outcome.SKIPPED, Phase.REQUESTED: Outcome.SKIPPED, Phase.OPEN: Outcome.CREATED}"),
    Bug("a request is not written down before it leaves", "engine.create:Creator._leaves",
        "self._entry.put(self._entry.record.requested(reason, nonce, self._clock.utc()))", "None"),
    Bug("an execution is not written down before it leaves", "engine.follow:Follower._leaves",
        "self._entry.put(self._entry.record.executing(told_at))", "None"),
    Bug("a run under way is left as a success", "domain.record:Record.left_by_a_kill",
        "Outcome.CANCELLED", "Outcome.SUCCEEDED"),
    Bug("what was lost and is not found is rejected", "engine.create:Creator._resolve",
        "self._end_as_unknown()", "self._end(Outcome.REJECTED, CreationRefused(fault))"),
    Bug("every lost answer is unknown", "engine.create:Creator._resolve",
        "look, known = self._look(), self._world.known", "self._end_as_unknown(); return None"),
    Bug("a look ends with its last list, whether that came or not", "engine.look:Look.find",
        "not seen.hopeless", "False"),
    Bug("a creation that comes too fast is rejected", "domain.requests:Requests.may_follow",
        "why is Refusal.THROTTLED", "False"),
    Bug("the RequestId of the first answer is kept", "domain.record:Record.answered",
        "request_id or self.request.id", "self.request.id or request_id"),
    Bug("the RequestId of a run that is not carried on is kept", "domain.record:Record.gives_way",
        "replace(self.request, id=None)", "self.request"),
    Bug("requests are not counted", "domain.record:Record.requested", "self.request.attempts + 1", "1"),
    Bug("what was found was not adopted", "engine.rivals:adopt", "adopted=True", "adopted=False"),
    Bug("duplicates are named when they are abolished", "engine.rivals:adopt",
        "announce_duplicates(entry, run.id, twins)", "None", missed=FOUND),
    Bug("everything is rejected", "engine.create:Creator.create", "self._entry.begin()",
        "self._entry.begin(); self._end(Outcome.REJECTED, CreationRefused(Fault())); return None"),
    Bug("nothing is said of a second run", "engine.ledger:Entry.note", "self.record.noted(note)",
        'self.record if type(note).__name__ == "MayBeSecond" else self.record.noted(note)', missed=FOUND),
    Bug("a conflict names no run and no mark", "render.reasons:_of_creation",
        'other = "" if run.may_be(wanted) else f" It {_opposite(run, wanted)}."', 'return ""'),
    Bug("a re-run that cannot look back names no mark", "render.reasons:_of_creation",
        "look_first(any_mark(intent))", "quoted(fault)"),
    Bug("duplicates are not named", "engine.rivals:announce_duplicates", "if others:", "if False:",
        missed="what is done about a duplicate names it as well"),
    Bug("success is said to have failed", "domain.advance", "Outcome.SUCCEEDED", "Outcome.FAILED"),
    Bug("a terminated run is said to have succeeded", "domain.advance", "Outcome.TERMINATED", "Outcome.SUCCEEDED"),
    Bug("a run is given up when it deploys", "engine.follow:Follower._step", "",
        'if run.reached and run.reached.code == "PROD": return self._end(Outcome.FAILED, RunEnded(run))'),
    Bug("an end is not read again", "engine.follow:Follower._step", "await self._confirm()",
        "self._end(next_move(run, self._goal, self._tried, self._world.clock.monotonic()).outcome, RunEnded(run))"),
    Bug("unknown is said to have failed", "domain.outcome",
        'Row(Kind.UNKNOWN, Verdict.UNKNOWN, Rerun.LOOKS, "⚠️")', 'Row(Kind.UNKNOWN, Verdict.FAILED, Rerun.LOOKS, "⚠️")'),
    Bug("an outcome without a row is good", "domain.outcome:row_of", "_UNFORESEEN", "ROWS[Outcome.SUCCEEDED]",
        missed="every outcome has a row; test_outcome.py takes one away"),
    Bug("until-stage is ignored", "wiring:plan_of", "until_stage=follow.until_stage", 'until_stage=""'),
    Bug("a run is left to a person while its stage may still start", "domain.advance:_rested",
        "now >= tried.again_at if tried.executions >= MOST_EXECUTIONS else still >= STILL", "True"),
    Bug("advance: false is ignored", "wiring:plan_of", "follow.advance", "True"),
    Bug("Offline is sent as Online", "wiring:creation_of", "inputs.type", "type(inputs.type).ONLINE"),
    Bug("dry-run is ignored", "wiring:plan_of", "inputs.dry_run", "False"),
    Bug("what needs a run that was left to a person is started", "engine.deploy:Deployment._deploy_all",
        "not record.left_to_person", "True"),
    Bug("fail-fast is ignored", "engine.deploy:Deployment._goes_on", "not self._plan.fail_fast", "True"),
    Bug("what waits to be created is created after a failure", "engine.create:Creator.__init__",
        "self._wanted = wanted", "self._wanted = lambda: True"),
    Bug("fail-fast takes what was only created for a failure", "engine.deploy:Deployment._goes_on",
        "row_of(each.outcome).good", "each.outcome is Outcome.SUCCEEDED"),
    Bug("the order is ignored", "engine.deploy:Deployment._deploy_all",
        "Scheduler(self._graph, plan.max_parallel or 1, fail_fast=fail_fast)",
        "Scheduler(Graph(self._graph.objects), plan.max_parallel or 1, fail_fast=fail_fast)"),
    Bug("what needs a failed object is started", "engine.deploy:Deployment._deploy_all",
        "good=good", "good=True"),
    Bug("max-parallel is ignored", "engine.deploy:Deployment._deploy_all", "plan.max_parallel or 1", "99"),
    Bug("a stage is executed again without a look", "engine.follow:Follower._step",
        "fresh or not self._executions(stage)", "True"),
    Bug("only raw secrets are hidden", "domain.secrets:_forms", "yield secret", "yield secret; return"),
    Bug("the state holds a secret", "journal:StepJournal._write", "{STATE: saved(report.records)}",
        '{STATE: saved(report.records), "key": "".join(self.secrets._plain)}'),
    Bug("the results end with a comma", "render.outputs:_list", "','.join(values)", "','.join([*values, ''])"),
    Bug("a stop is ignored", "engine.deploy:Deployment._until_end", "stop.wait()", "asyncio.Event().wait()"),
    Bug("the post step calls without a pause", "engine.withdraw", "(0.0, 4.0, 11.0, 25.0)", "(0.0,) * 1500"),
)  # fmt: skip

# Rules of the record stop these: the step ends with an internal error, and nothing false is said. What a rule stops has
# to be found without the rules as well.
STOPPED = (
    "the nonce changes after a lost answer",
    "a request is not written down before it leaves",
    "what was lost and is not found is rejected",
    "a terminated run is said to have succeeded",
)
UNRULED = tuple(
    replace(bug, name=f"{bug.name}, and no rule holds", unruled=True)
    for bug in (*RUNS, *WORDS)
    if bug.name in STOPPED
)
BUGS = {bug.name: bug for bug in (*RUNS, *WORDS, *UNRULED)}

# The likely ones: each below the test of test_likely.py that has to find it.
LIKELY: Mapping[str, tuple[Bug, ...]] = {
    "test_a_missing_paging_info_is_not_read_as_no_runs": (
        Bug("no PagingInfo is read as no runs", "dataworks.answers:page",
            "raise GarbledAnswerError(Symptom.NO_LIST)", "return Page((), 0, 100)"),
    ),
    "test_not_only_a_timeout_is_a_lost_answer": (
        Bug("an answer that is none is a refusal", "dataworks.answers:ending_of",
            "Unclear(Fault(symptom=error.symptom, request_id=asked, http_status=200))",
            "Refused(Refusal.OTHER, Fault(symptom=error.symptom, request_id=asked, http_status=200))"),
        Bug("only a timeout is a lost answer", "dataworks.answers:ending_of",
            "Unclear(Fault(symptom=symptom, detail=detail, request_id=asked, http_status=status))",
            "(Unclear if symptom is Symptom.NO_ANSWER else (lambda fault: Refused(Refusal.OTHER, fault)))("
            "Fault(symptom=symptom, detail=detail, request_id=asked, http_status=status))"),
    ),
    "test_one_retry_around_all_calls_would_create_and_execute_twice": (
        Bug("every call is repeated once", "dataworks.service:_carry_out", "response = send(request, options)",
            "try:\n response = send(request, options)\nexcept Exception:\n response = send(request, options)"),
        Bug("the connection repeats what has no answer", "dataworks.line:Line.__init__",
            "super().__init__(pool_maxsize=pool_size or _POOL_SIZE)",
            "super().__init__(max_retries=__import__('urllib3').Retry(2, allowed_methods=None))"),
    ),
    "test_our_run_is_not_only_looked_for_among_the_running_ones_on_page_one": (
        Bug("only running runs are listed", "dataworks.service:DataWorks._request",
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
        Bug("what the deadline has cut off has failed", "domain.record:_cut_off",
            "Outcome.TIMED_OUT", "Outcome.FAILED"),
        Bug("the deadline forgets the run", "domain.record:Record.interrupted",
            "unread=self.unread", '**{"unread": self.unread, "run": None}'),
    ),
    "test_no_call_takes_several_ids": (
        Bug("all IDs go into one call", "wiring:_tasks",
            "creation_of(inputs, each)", 'creation_of(inputs, ObjectId(",".join(inputs.object_ids)))'),
    ),
    "test_no_text_of_the_service_becomes_a_command": (
        Bug("only LF ends a line", "render.markup:one_line",
            'line = _BREAKS.sub(" / ", text.replace("\\t", " "))\n'
            'visible = line if line.isascii() and line.isprintable() else "".join(map(_visible, line))',
            'visible = text.replace("\\n", " / ")'),
        Bug("old commands work", "render.markup:one_line", '_OLD_COMMAND.sub("# #", cut)', "cut"),
    ),
    "test_a_cancelled_step_abolishes_neither_foreign_runs_nor_what_deploys": (
        BUGS["what deploys is abolished"],
    ),
}  # fmt: skip
