"""The words for what is read, found and ordered before anything is created, and for all problems of that."""

import contextlib
import io
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.ending import Fault, Symptom
from dataworks_deploy.domain.error import Known
from dataworks_deploy.domain.event import (
    ChangesUnread,
    ContentUnread,
    LeftBehind,
    ListIsLong,
    ListIsShort,
    NothingFits,
    ObjectsChosen,
    OfChoice,
    OrderUnknown,
    ReadingDenied,
    UpstreamAdded,
    UpstreamMissing,
)
from dataworks_deploy.domain.model import ObjectId, Run, RunId
from dataworks_deploy.domain.outcome import Verdict
from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.domain.studio import operations
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.dependencies import Cycle, Missing
from dataworks_deploy.domain.studio.graph import Edge, Link
from dataworks_deploy.domain.studio.problem import (
    NothingRead,
    NotOrdered,
    NotRead,
    Problem,
    TooManyCalls,
    UpstreamNeeded,
)
from dataworks_deploy.domain.studio.request import Line, parse_lines
from dataworks_deploy.domain.studio.selection import (
    Ambiguous,
    Empty,
    InnerNode,
    NotHere,
    NothingFound,
    TooMany,
    TooManyInAll,
    Undecided,
)
from dataworks_deploy.hosts.github.commands import Runner
from dataworks_deploy.journal import StepJournal
from dataworks_deploy.render.choosing import WITHOUT, problem_of
from dataworks_deploy.render.events import line as line_of
from dataworks_deploy.render.report import Report

from ...witness.commands import faults, read
from ...witness.markdown import alive
from .values import drawn

ORDERS = StudioObject(ObjectId("1"), Kind.NODE, "orders", "dw/orders")
ITEMS = StudioObject(ObjectId("2"), Kind.NODE, "items", "dw/items")
DAILY = StudioObject(ObjectId("3"), Kind.WORKFLOW, "daily")
JAR = StudioObject(ObjectId("4"), Kind.RESOURCE, "orders", "res/orders")
BARE = ObjectId("7")
DENIED = Fault("You may not.", "NoPermission", "R-1", 403)


def line(text: str) -> Line:
    """The third line of an input."""
    return parse_lines(f"x\n\n{text}").lines[1]


BREAK = (
    "Correct the dependencies in Data Studio. With type: Online you can also list these objects in the order that you "
    "want, and set order: given, without upstream: include. With type: Offline DataWorks refuses a cycle in any order. "
)


def cycle(*edges: Edge, only_by_workflows: bool = False) -> NotOrdered:
    """A cycle of known objects."""
    return NotOrdered(Cycle(edges, only_by_workflows), (ORDERS, ITEMS, DAILY, JAR))


EVENTS: list[tuple[OfChoice, str]] = [
    (
        ListIsLong("ListNodes", 2500, 50),
        "ListNodes shows 2,500 objects: reading all of them takes about 50 calls",
    ),
    (
        ListIsShort("ListNodes", 1200, 1201),
        (
            "ListNodes claims 1,201 objects and shows 1,200, each time that it is read. What it does not show cannot "
            "be found."
        ),
    ),
    (
        ReadingDenied("GetNode", DENIED),
        (
            "GetNode is refused (NoPermission: You may not), so nodes are not looked up by their IDs. The step goes "
            "on. Allow dataworks:GetNode in the RAM policy, or give IDs and set preflight: false."
        ),
    ),
    (
        LeftBehind(ORDERS, Run(RunId("r"), "Running")),
        (
            "an earlier attempt of this job left run r of dw/orders (1) open. This attempt does not select that "
            "object, and leaves the run alone. Continue it with run-ids, or abolish it in DataWorks."
        ),
    ),
    (
        ChangesUnread(2),
        (
            "the runs of 2 objects could not be read. Whether these have changed is not known, so they are deployed."
        ),
    ),
    (
        ContentUnread(1),
        "1 object could not be read. Whether these have changed is not known, so they are deployed.",
    ),
    (UpstreamAdded((ORDERS, ITEMS)), "upstream: include adds dw/orders (1), dw/items (2)"),
    (
        ReadingDenied("GetNode", DENIED, needless=False),
        (
            "GetNode is refused (NoPermission: You may not), so nodes are not looked up by their IDs. The step goes "
            "on. Allow dataworks:GetNode in the RAM policy."
        ),
    ),
    (OrderUnknown(1), "objects that were not looked up: 1. So all objects come in the order given."),
    (OrderUnknown(2), "objects that were not looked up: 2. So all objects come in the order given."),
    (
        UpstreamMissing(ORDERS, Missing(ORDERS.id, "dw.items", ITEMS)),
        (
            "dw/orders (1) needs dw.items of the node dw/items (2), which is not selected and not in production. Its "
            "checks may fail."
        ),
    ),
    (
        UpstreamMissing(StudioObject(BARE), Missing(BARE, DAILY.id, DAILY)),
        "7 needs the workflow daily (3), which is not selected and not in production. Its checks may fail.",
    ),
    (
        NothingFits(("a", "b/*")),
        "found nothing for a, b/*, which allow-empty permits",
    ),
    (ObjectsChosen(0, 0, 10), "there is nothing to do"),
    (ObjectsChosen(1, 1, 10), "1 object"),
    (ObjectsChosen(5, 1, 1), "5 objects, at most 1 at once"),
    (ObjectsChosen(1000, 3, 10), "1,000 objects in 3 levels, at most 10 at once"),
]
PROBLEMS: list[tuple[Problem, str]] = [
    (
        NothingFound(line("dw/order")),
        (
            "objects, line 3: no object of this workspace has the path dw/order. Upper and lower case differ. "
            "Give the name that Data Studio shows, or write /** behind the path of a folder."
        ),
    ),
    (
        NothingFound(line("orders"), (ORDERS,), "dw/orders"),
        (
            "objects, line 3: no object of this workspace has the name orders. It is a folder. Write dw/orders/** for "
            "all that is in it; with type: Offline, name each object."
        ),
    ),
    (
        NothingFound(line("function:order"), (ORDERS, DAILY)),
        (
            "objects, line 3: no function of this workspace has the name order. Did you mean node: dw/orders (1) or "
            "workflow: daily (3)?"
        ),
    ),
    (
        NothingFound(line("order"), (ORDERS,)),
        "objects, line 3: no object of this workspace has the name order. Did you mean dw/orders (1)?",
    ),
    (
        NothingFound(line("**/tmp_*")),
        (
            "objects, line 3: nothing fits **/tmp_*. A pattern must fit the whole path: **/name* finds names in "
            "every folder."
        ),
    ),
    (
        NothingFound(line("ord*"), (ORDERS,)),
        "objects, line 3: nothing fits ord*. Did you mean dw/orders (1)?",
    ),
    (
        NothingFound(line("orders, items"), (ORDERS,)),
        (
            "objects, line 3: nothing is called orders, items. Write one object on each line: blanks, commas and "
            "brackets do not separate here. Did you mean dw/orders (1)?"
        ),
    ),
    (
        NothingFound(line('["orders"]')),
        (
            'objects, line 3: nothing is called ["orders"]. Write one object on each line: blanks, commas and '
            "brackets do not separate here. Upper and lower case differ. Give the name that Data Studio shows, or "
            "write /** behind the path of a folder."
        ),
    ),
    (
        NothingFound(line("workflow:7567482277219412494"), (ORDERS,)),
        "objects, line 3: no workflow of this workspace has the ID 7567482277219412494. It is a node: dw/orders (1).",
    ),
    (
        Undecided(ObjectId("1234567890"), line("1234567890"), line("!dw/**")),
        (
            "objects, line 3: object 1234567890 could not be read, so nobody can tell whether the line !dw/** takes "
            "it away. Remove one of the two lines, or re-run the job."
        ),
    ),
    (
        NotHere(ObjectId("7567482277219412494")),
        (
            "object-ids: there is no object 7567482277219412494 in this workspace. Look at project-id, and at the ID "
            "in Data Studio. It may have been deleted."
        ),
    ),
    (
        NotHere(ObjectId("dwd_orders")),
        (
            "object-ids: there is no object dwd_orders in this workspace. It looks like a name. Names, paths and "
            "patterns go into the input objects."
        ),
    ),
    (
        NotHere(ObjectId("700000000001"), line("700000000001")),
        (
            "objects, line 3: there is no object 700000000001 in this workspace. An ID of 12 digits is mostly a "
            "scheduling task's. Give the ID that Data Studio shows."
        ),
    ),
    (
        Ambiguous(line("orders"), (ORDERS, JAR)),
        (
            "objects, line 3: orders fits 2 objects. Give the path, the ID, or a kind in front, such as workflow:, so "
            "that only one of these fits: node dw/orders (1), resource res/orders (4)."
        ),
    ),
    (
        InnerNode(ORDERS, DAILY),
        (
            "object-ids: dw/orders (1) is a node inside the workflow daily (3), which is deployed and undeployed "
            "only as a whole. Give the workflow instead; with type: Offline, all its nodes leave production."
        ),
    ),
    (
        InnerNode(StudioObject(BARE), StudioObject(ObjectId("8")), line("x7")),
        (
            "objects, line 3: 7 is a node inside the workflow 8, which is deployed and undeployed only as a whole. "
            "Give the workflow instead; with type: Offline, all its nodes leave production."
        ),
    ),
    (
        TooMany(1200, 100, (ORDERS, StudioObject(BARE))),
        (
            "objects: the lines select 1,200 objects, and max-objects is 100. Narrow the patterns, or raise "
            "max-objects. The first are node dw/orders (1), object 7."
        ),
    ),
    (
        TooManyInAll(1001, 1000),
        "objects: 1,001 objects are selected, and one step takes 1,000 at most. Split them over several steps.",
    ),
    (
        Empty(),
        (
            "objects: nothing is selected, because later lines take away what earlier ones took. Correct the lines, "
            "or set allow-empty: true."
        ),
    ),
    (
        NotRead("ListNodes", DENIED),
        (
            "objects: nodes cannot be found by name, because ListNodes fails: NoPermission: You may not. Allow "
            "dataworks:ListNodes in the RAM policy if the permission is missing. Or give IDs in object-ids instead "
            "of names and patterns."
        ),
    ),
    (
        NotRead("ListNodes", Fault("Oops.", "InternalError.System", "R-1", 500)),
        (
            "objects: nodes cannot be found by name, because ListNodes fails: InternalError.System: Oops. Re-run the "
            "job in a while. If it happens again, look its RequestId R-1 up in OpenAPI Diagnose "
            "(api.alibabacloud.com/troubleshoot), or give it to Alibaba Cloud support. Or give IDs in object-ids "
            "instead of names and patterns."
        ),
    ),
    (
        NothingRead(Known.NO_ACCESS_KEY, Fault("Not found.", "InvalidAccessKeyId.NotFound", "R-1", 404)),
        (
            "objects: nothing can be looked up: InvalidAccessKeyId.NotFound: Not found. There is no such access key. "
            "Check access-key-id, and the secret that it comes from."
        ),
    ),
    (
        NotRead("ListFunctions", Fault(symptom=Symptom.LIST_UNSTABLE)),
        (
            "objects: functions cannot be found by name, because ListFunctions fails: the list changed each time "
            "that it was read. Re-run the job. Or give IDs in object-ids instead of names and patterns."
        ),
    ),
    (
        NotRead("ListNodes", Fault(symptom=Symptom.NO_LIST), for_upstream=True),
        (
            "upstream: what objects miss cannot be found, because ListNodes fails: the answer has no list. Re-run "
            "the job. Or set upstream: warn."
        ),
    ),
    (
        TooManyCalls("ListNodes", 1234),
        (
            "objects: nodes cannot be found by name, because the whole list takes about 1,234 calls of ListNodes, "
            "and this account serves few calls. Or give IDs in object-ids instead of names and patterns."
        ),
    ),
    (
        TooManyCalls("ListNodes", 60, for_upstream=True),
        (
            "upstream: what objects miss cannot be found, because the whole list takes about 60 calls of ListNodes, "
            "and this account serves few calls. Or set upstream: warn."
        ),
    ),
    (
        cycle(Edge(ORDERS.id, ITEMS.id, Link.DATA, "dw.orders"), Edge(ITEMS.id, ORDERS.id, Link.DATA, "2")),
        (
            "order: 2 objects wait for each other. "
            + BREAK
            + "dw/orders (1) comes before dw/items (2) through dw.orders; dw/items (2) comes before dw/orders (1) "
            "through 2."
        ),
    ),
    (
        cycle(
            Edge(JAR.id, DAILY.id, Link.USE, "orders", then_node=ITEMS.id),
            Edge(DAILY.id, JAR.id, Link.KIND, first_node=BARE),
            only_by_workflows=True,
        ),
        (
            "order: 2 objects wait for each other. No single node waits for itself. The cycle exists only because a "
            "workflow is deployed and undeployed as a whole. "
            + BREAK
            + "res/orders (4) comes before daily (3), by its node dw/items (2), which uses orders; daily (3), by its "
            "node 7 comes before res/orders (4)."
        ),
    ),
    (
        UpstreamNeeded(ORDERS, Missing(ORDERS.id, "dw.daily", DAILY)),
        (
            "upstream: dw/orders (1) needs dw.daily of the workflow daily (3), which is not selected and not in "
            "production. Select it too, and with order: given put it before this object. Or deploy it first, or set "
            "upstream: include."
        ),
    ),
]


@pytest.mark.parametrize(("event", "words"), EVENTS)
def test_an_event_is_one_line(event: OfChoice, words: str) -> None:
    assert line_of(event) == words


@pytest.mark.parametrize(("problem", "words"), PROBLEMS)
def test_a_problem_names_its_place_and_what_to_do(problem: Problem, words: str) -> None:
    assert problem_of(problem) == words


def test_the_tables_contain_all_events_and_problems() -> None:
    assert {type(event) for event, _ in EVENTS} == {*get_args(OfChoice)}
    assert {type(problem) for problem, _ in PROBLEMS} == {*get_args(Problem)}


def test_for_each_reading_call_there_are_words_for_what_is_lost_without_it() -> None:
    calls = (*get_args(operations.Lookup), *get_args(operations.StudioList))

    assert WITHOUT.keys() == {each.__name__ for each in calls}


def far(size: int) -> StudioObject:
    """An object with a path of this length."""
    return StudioObject(ObjectId("1"), Kind.NODE, "n", "x" * size)


@pytest.mark.parametrize(
    ("problem", "advice"),
    [
        (Ambiguous(line("n"), (far(1000),) * 50), "Give the path, the ID"),
        (TooMany(200, 100, (far(1000),) * 10), "raise max-objects"),
        (NothingFound(line("n"), (far(1000),) * 3), "Did you mean"),
        (UpstreamNeeded(far(1000), Missing(BARE, "d" * 5000, far(1000))), "set upstream: include"),
        (InnerNode(far(1000), far(1000)), "Give the workflow"),
        (cycle(*(Edge(ORDERS.id, ITEMS.id, Link.DATA, "d" * 5000),) * 50), "set order: given"),
        (NotRead("ListNodes", Fault("m" * 5000, "Code")), "Or give IDs in object-ids"),
    ],
)
def test_the_advice_is_near_the_beginning_even_if_names_are_long(problem: Problem, advice: str) -> None:
    """An annotation has room for 2,000 characters, and a line of the summary for half of them."""
    assert advice in problem_of(problem)[:1000]


PIECES = [
    "::",
    "##[error]",
    "\n",
    "\r",
    "\u2028",
    "\x85",
    "%0A",
    "::error::x",
    "\x1b[2K",
    "\u202e",
    "\ud800",
    "@octocat",
]
PIECES += [
    "<script>",
    "[a](https://evil.invalid)",
    "`",
    "| a |",
    "www.evil.invalid",
    "# ",
    "ghadelimiter_1",
    "名",
]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(max_size=20)


@given(problem=drawn(Problem, HOSTILE), event=drawn(OfChoice, HOSTILE))
def test_hostile_names_from_the_service_are_harmless_in_the_log_and_on_the_page(
    problem: Problem, event: OfChoice, tmp_path_factory: pytest.TempPathFactory
) -> None:
    page = tmp_path_factory.mktemp("job") / "summary"
    page.touch()
    with contextlib.redirect_stdout(io.StringIO()) as stdout:
        journal = StepJournal(Runner({"GITHUB_STEP_SUMMARY": str(page)}), Secrets([]))
        journal.tell(None, event)
        journal.warn(None, event)
        text = problem_of(problem)
        journal.fail("Invalid input", text)
        journal.say(None, text)
        journal.publish(Report(Verdict.INVALID, problems=(text,)), over=True)

    stream = read(stdout.getvalue())
    assert [command.name for command in stream.commands] == ["warning", "error"]
    assert faults(stream) == []
    assert len([one for one in stream.text if one]) == 2, "one text is one line"
    (told,) = [one for one in Path(page).read_text("utf-8").split("\n") if one.startswith("- ")]
    assert alive(told.removeprefix("- ")) == []
