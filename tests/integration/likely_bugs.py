"""The twelve likely bugs as changes of the code, each below the test that has to find it."""

from collections.abc import Mapping

from ..simulation.bug import Bug
from ..simulation.bugs_of_runs import RUNS
from ..simulation.bugs_of_words import WORDS

_KNOWN = {bug.name: bug for bug in (*RUNS, *WORDS)}

LIKELY: Mapping[str, tuple[Bug, ...]] = {
    "test_a_missing_paging_info_is_not_read_as_no_runs": (
        Bug(
            "no PagingInfo is read as no runs",
            "A garbled list is not an empty one.",
            "adapters/answers.py",
            '        raise GarbledAnswerError("the answer has no list of runs")\n',
            "        return Page((), 0)\n",
        ),
    ),
    "test_not_only_a_timeout_is_a_lost_answer": (
        Bug(
            "an answer that is none is a refusal",
            "What proves nothing is unclear: the creation may have been carried out.",
            "adapters/failures.py",
            "        return Unclear(Fault(str(error), request_id=asked, http_status=200))\n",
            "        return Refused(Refusal.OTHER, Fault(str(error), request_id=asked, http_status=200))\n",
        ),
        Bug(
            "only a timeout is a lost answer",
            "What proves nothing is unclear, whatever the libraries call it.",
            "adapters/failures.py",
            "    return Unclear(Fault(_silence(causes, status), request_id=asked, http_status=status))\n",
            "    lost = Fault(_silence(causes, status), request_id=asked, http_status=status)\n"
            '    return Unclear(lost) if "in time" in lost.message else Refused(Refusal.OTHER, lost)\n',
        ),
    ),
    "test_one_retry_around_all_calls_would_create_and_execute_twice": (
        Bug(
            "every call is repeated once",
            "A creation is repeated by nothing but the creation's own rules, an execution by a new reading.",
            "adapters/dataworks.py",
            "        response = operation(request, options)\n",
            "        try:\n            response = operation(request, options)\n"
            "        except Exception:\n            response = operation(request, options)\n",
        ),
        Bug(
            "the connection repeats what has no answer",
            "One call is one request.",
            "adapters/line.py",
            "super().__init__(pool_maxsize=pool_size or _POOL_SIZE)",
            'retry = __import__("urllib3").Retry(2, allowed_methods=None)\n'
            "        super().__init__(pool_maxsize=pool_size or _POOL_SIZE, max_retries=retry)",
        ),
    ),
    "test_our_run_is_not_only_looked_for_among_the_running_ones_on_page_one": (
        Bug(
            "only running runs are listed",
            "A run is found however it stands.",
            "adapters/dataworks.py",
            "page_number=number, page_size=PAGE_SIZE\n",
            'page_number=number, page_size=PAGE_SIZE, status="Running"\n',
        ),
        _KNOWN["only the first page of runs is read"],
    ),
    "test_the_mark_is_not_drawn_at_random": (
        Bug(
            "the mark is drawn at random",
            "Every attempt of a job works out the same mark.",
            "wiring.py",
            "job.workflow_run_id or uuid.uuid4().hex, job.job",
            "uuid.uuid4().hex, job.job",
        ),
    ),
    "test_a_run_without_our_mark_is_not_adopted": (
        Bug(
            "what is active is adopted",
            "A run is the job's own only where its description begins with the mark.",
            "domain/reconcile.py",
            "    own = bearing(mark, runs)\n",
            "    own = bearing(mark, runs) or [run for run in runs if not run.ended]\n",
        ),
    ),
    "test_termination_is_no_success_and_nothing_to_wait_for_for_ever": (
        _KNOWN["a terminated run is said to have succeeded"],
        Bug(
            "a terminated run has not ended",
            "Termination is an end.",
            "domain/model.py",
            "TERMINAL = frozenset({SUCCESS, FAIL, TERMINATION, CANCEL})",
            "TERMINAL = frozenset({SUCCESS, FAIL, CANCEL})",
        ),
    ),
    "test_stages_are_not_taken_in_the_order_of_the_list": (
        Bug(
            "stages run in the order of the list",
            "Stages run by their steps.",
            "domain/model.py",
            'return tuple(sorted(self.stages, key=attrgetter("step")))',
            "return self.stages",
        ),
    ),
    "test_a_deadline_is_no_failure_and_does_not_lose_the_run": (
        Bug(
            "what the deadline has cut off has failed",
            "A run that goes on has not failed.",
            "app/deploy.py",
            "            outcome, text = wording.interrupted(entry, by=end)\n",
            "            outcome, text = wording.interrupted(entry, by=end)\n"
            "            outcome = Outcome.FAILED if outcome is Outcome.TIMED_OUT else outcome\n",
        ),
        Bug(
            "the deadline forgets the run",
            "Every run that a step has asked for is in its outputs.",
            "app/deploy.py",
            "            outcome, text = wording.interrupted(entry, by=end)\n",
            "            outcome, text = wording.interrupted(entry, by=end)\n"
            "            self._ledger.note(entry.object_id, run_id=None)\n",
        ),
    ),
    "test_no_call_takes_several_ids": (
        Bug(
            "all IDs go into one call",
            "A call takes one object.",
            "wiring.py",
            "return tuple(Task(each, creation_of(inputs, each)) for each in inputs.object_ids)",
            'together = ObjectId(",".join(inputs.object_ids))\n'
            "        return tuple(Task(each, creation_of(inputs, together)) for each in inputs.object_ids)",
        ),
    ),
    "test_no_text_of_the_service_becomes_a_command": (
        Bug(
            "only LF ends a line",
            "No text of others is a command in the log, whatever ends its lines.",
            "report/harmless.py",
            '    line = _BREAKS.sub(" / ", text.replace("\\t", " "))\n'
            '    visible = line if line.isascii() and line.isprintable() else "".join(map(_visible, line))\n',
            '    visible = text.replace("\\n", " / ")\n',
        ),
        Bug(
            "old commands work",
            "No text of others is a command in the log, old or new.",
            "report/harmless.py",
            'return _OLD_COMMAND.sub("# #", cut).strip()',
            "return cut.strip()",
        ),
    ),
    "test_a_cancelled_step_abolishes_neither_foreign_runs_nor_what_deploys": (
        _KNOWN["what deploys is abolished"],
        Bug(
            "what is active is taken for our own",
            "No run of anybody else is abolished.",
            "app/withdraw.py",
            "if not run.ended and _bears(run, intent)]",
            "if not run.ended]",
        ),
    ),
}
