"""Every claim holds on the emulator, and none holds if the service deviates."""

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from dataworks_emulator import Credential, Emulator, Settings
from probe.__main__ import CLEARING_CALLS, MOST_CALLS
from probe.claims import CLAIMS, Claim, Verdict, examine
from probe.sandbox import Sandbox
from probe.service import Answer, Key, Service
from probe.trial import Trial

from ..integration.job import ROOT

OBJECT, INNER = "7567482277219412494", "8888482277219412494"
TAKEN = 'json:{"RequestId":"1","Success":true}'
LISTED = 'json:{"RequestId":"1","PagingInfo":{"PipelineRuns":[{"Id":"1","Status":"Success"}],"TotalCount":1}}'
NO_NODES = 'json:{"RequestId":"1","PagingInfo":{"Nodes":[],"TotalCount":"0"}}'
# Besides the object, which is a workflow, a node that was never deployed and needs others in both ways.
WORKSPACE = {
    "nodes": [
        {"id": f"{OBJECT}3", "name": "ods_orders", "path": "业务流程/ods_orders", "production": True},
        {
            "id": f"{OBJECT}2",
            "name": "dwd_orders",
            "path": "业务流程/dwd_orders",
            "after": [
                "ods_orders",
                "finance.rates",
                {"output": f"{OBJECT}3", "type": "CrossCycleDependsOnOtherNode"},
            ],
            "outputs": ["warehouse.dwd_orders"],
        },
    ],
    "workflows": [{"id": OBJECT, "name": "users", "nodes": [{"id": INNER, "name": "etl_users"}]}],
}
KEY = Credential("probe-key-id", "probe-key-secret", "probe-key-token")


class PatientClock:
    """Real time in which waiting takes no time."""

    def __init__(self) -> None:
        self._waited = 0.0

    def forward(self, seconds: float) -> None:
        """Wait without real time."""
        self._waited += seconds

    def time(self) -> float:
        """Seconds of the epoch."""
        return time.time() + self._waited


@contextmanager
def tried(*faults: str, **settings: Any) -> Iterator[Trial]:
    """A trial of an emulated service, including the parts that are too risky for the real service."""
    clock = PatientClock()
    given: dict[str, Any] = {
        "known_objects": (OBJECT, f"{OBJECT}2"),
        "inner_nodes": {INNER: OBJECT},
        "stage_seconds": 0.0,
        **settings,
    }
    with Emulator(Settings(credentials=(KEY,), faults=faults, **given), clock.time) as emulator:
        key = Key(KEY.access_key_id, KEY.secret, KEY.token)
        sandbox = Sandbox(Service(f"http://{emulator.endpoint}", key, 50), "10001", OBJECT, clock.forward)
        trial = Trial(sandbox, risky=True)
        trial.run()
        assert sandbox.clear() == set()
        ended = {run["run_id"]: emulator.status(run["run_id"]) for run in emulator.truth.runs()}
        assert {*ended.values()} == {"Termination"}
        assert ended.keys() == {*sandbox.made}
        yield trial


def verdicts(trial: Trial) -> dict[str, Verdict]:
    """The verdict of each claim."""
    return {finding.claim.name: finding.verdict for finding in examine(trial)}


def test_the_page_has_the_right_numbers_of_claims_and_calls() -> None:
    page = (ROOT / "docs/reliability.md").read_text("utf-8")

    assert f"rest on {len(CLAIMS)} claims" in page
    assert f"makes at most {MOST_CALLS + CLEARING_CALLS} calls" in page


@pytest.fixture(scope="module")
def good() -> Iterator[Trial]:
    """A trial of a service without deviations."""
    with tried() as trial:
        yield trial


@pytest.fixture(scope="module")
def studio() -> Iterator[Trial]:
    """A trial of a service without deviations, in a workspace whose nodes need each other."""
    with tried(workspace=WORKSPACE, known_objects=(), inner_nodes={}) as trial:
        yield trial


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_every_claim_about_the_service_holds_on_the_emulator(good: Trial, claim: Claim) -> None:
    finding = claim.examine(good)

    assert finding.verdict is Verdict.HOLDS, finding.seen


@pytest.mark.parametrize(
    ("claim", "faults", "settings"),
    [
        ("description", ["CreatePipelineRun:1:cut-description:40"], {}),
        ("description-length", ["CreatePipelineRun:4:cut-description:255"], {}),
        ("description-length", ["CreatePipelineRun:4:error:InvalidParameter"], {}),
        ("read-at-once", ["GetPipelineRun:1:error:NotFound"], {}),
        ("list-delay", [], {"list_lag": 90.0}),
        ("list-order", [], {"oldest_first": True}),
        ("list-pages", [], {"string_counts": True}),
        ("list-of-object", [f"ListPipelineRuns:5:{LISTED}"], {}),
        ("list-of-workspace", ["ListPipelineRuns:6:stale"], {}),
        ("nonce", [], {"nonce_fence": False}),
        ("nonce-of-refused", [], {"nonce_fence": False}),
        ("nonce-of-refused", ["CreatePipelineRun:3:error:InvalidParameter"], {}),
        ("unknown-object", ["CreatePipelineRun:2:error:NotFound"], {}),
        ("execute-ended", [f"ExecPipelineRunStage:4:{TAKEN}"], {}),
        ("abolish-ended", [f"AbolishPipelineRun:2:{TAKEN}"], {}),
        ("second-run", ["CreatePipelineRun:4-5:error:InvalidParameter"], {}),
        ("abolish", ['AbolishPipelineRun:1:json:{"Success":true}'], {}),
        ("abolish", ["AbolishPipelineRun:1:error:NoPermission"], {}),
        ("unknown-run", ["ExecPipelineRunStage:1:json:{}"], {}),
        ("request-id", ["GetPipelineRun:1:json:{}"], {}),
        ("inner-nodes-listed", [], {"inner_listed": False}),
        ("name-filter", [f"ListNodes:5:{NO_NODES}"], {}),
        ("name-filter", [f"ListNodes:6:{NO_NODES}"], {}),
        ("page-size", [f"ListNodes:2:{NO_NODES}"], {}),
        ("page-size", ["ListNodes:2:error:InvalidParameter"], {}),
        ("page-size", ["ListNodes:3:error:InvalidPageSize"], {}),
    ],
)
def test_a_claim_fails_if_the_service_deviates(
    claim: str, faults: list[str], settings: Mapping[str, Any]
) -> None:
    with tried(*faults, **settings) as trial:
        assert verdicts(trial)[claim] is Verdict.FAILS


@pytest.mark.parametrize(
    ("claim", "answer", "path", "value"),
    [
        ("list-keeps-ended", "list after the end", ["PagingInfo", "PipelineRuns"], []),
        ("list-of-workspace", "workspace", ["PagingInfo", "PipelineRuns", -1, "Status"], "Success"),
        ("list-of-workspace", "workspace", ["PagingInfo", "PipelineRuns", -1, "Stages"], []),
        (
            "list-of-workspace",
            "workspace",
            ["PagingInfo", "PipelineRuns", -1, "Stages", 2, "Status"],
            "Success",
        ),
        ("node-in-workflow", "node inside", ["Node", "Spec"], "none"),
        ("node-in-workflow", "node inside", ["Node", "Spec"], "{}"),
        ("node-in-workflow", "node inside", ["Node", "Spec"], f'{{"spec":{{"parent":"{OBJECT}"}}}}'),
        (
            "node-in-workflow",
            "node inside",
            ["Node", "Spec"],
            f'{{"metadata":{{"container":{{"uuid":"1"}},"workflowId":"{OBJECT}"}}}}',
        ),
        ("prepares-only", "late", ["Pipeline", "Stages", 2, "Status"], "Running"),
        ("stages", "late", ["Pipeline", "Stages", 1, "Type"], "Canary"),
        ("stages", "late", ["Pipeline", "Stages", 1, "Step"], 3),
        ("times", "read", ["Pipeline", "CreateTime"], 1_700_000_000),
        ("times", "read", ["Pipeline", "CreateTime"], 1_700_000_000_000),
        (
            "first-object-only",
            "items of two objects",
            ["PagingInfo", "PipelineRunItems", 0, "Id"],
            f"{OBJECT}2",
        ),
        ("second-run", "first beside the second", ["Pipeline", "Status"], "Cancel"),
        ("description", "read", ["Pipeline", "Description"], "[dwd1:"),
        ("abolish", "ended", ["Pipeline", "Status"], "Success"),
    ],
)
def test_a_claim_fails_if_one_value_of_an_answer_differs(
    good: Trial, claim: str, answer: str, path: list[Any], value: object
) -> None:
    body = copy.deepcopy(dict(good.answers[answer].body))
    place: Any = body
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    spoiled = replace(good, answers={**good.answers, answer: replace(good.answers[answer], body=body)})

    assert verdicts(spoiled)[claim] is Verdict.FAILS


@pytest.mark.parametrize(
    ("claim", "answer"),
    [
        ("unknown-run", "unknown run"),
        ("unknown-object", "unknown object"),
        ("other-workspace", "other workspace"),
        ("execute-ended", "execute after the end"),
        ("abolish-ended", "abolish after the end"),
        ("nonce", "nonce again"),
        ("nonce-of-refused", "unknown object again"),
        ("nonce", "nonce at the end"),
        ("execute-once", "executed again"),
    ],
)
def test_a_claim_fails_if_the_service_accepts_what_it_should_refuse(
    good: Trial, claim: str, answer: str
) -> None:
    taken = replace(good.answers[answer], status=200, body={"Success": True, "RequestId": "1"})
    spoiled = replace(good, answers={**good.answers, answer: taken})

    assert verdicts(spoiled)[claim] is Verdict.FAILS


@pytest.mark.parametrize("fault", ["error:NotFound", "garbled-page"])
def test_without_a_list_of_the_invented_object_the_claim_about_lists_is_open(fault: str) -> None:
    with tried(f"ListPipelineRuns:5:{fault}") as trial:
        assert verdicts(trial)["list-of-object"] is Verdict.OPEN


@pytest.mark.parametrize(
    ("faults", "settings"),
    [
        ([], {"inner_nodes": {}}),
        (["ListNodes:1:error:NoPermission"], {}),
        ([f'ListNodes:1:json:{{"PagingInfo":{{"Nodes":[{{"Id":"{OBJECT}2"}},{{"Id":"{OBJECT}"}}]}}}}'], {}),
        (["GetNode:1:error:NoPermission"], {}),
    ],
)
def test_without_a_node_inside_the_object_the_claim_about_inner_nodes_is_open(
    faults: list[str], settings: Mapping[str, Any]
) -> None:
    with tried(*faults, **settings) as trial:
        assert verdicts(trial)["node-in-workflow"] is Verdict.OPEN


@pytest.mark.parametrize("fault", ["2:drop", "2:status:500", "2:throttle", "3:throttle"])
def test_without_a_refused_creation_the_claim_about_its_nonce_is_open(fault: str) -> None:
    with tried(f"CreatePipelineRun:{fault}") as trial:
        assert verdicts(trial)["nonce-of-refused"] is Verdict.OPEN


@pytest.mark.parametrize("status", [0, 500])
def test_without_answers_the_claims_are_open(good: Trial, status: int) -> None:
    silent = {name: Answer(each.action, status, {}, 0, 0) for name, each in good.answers.items()}

    found = verdicts(replace(good, answers=silent, looks=[]))

    assert {*found.values()} - {found["request-id"]} == {Verdict.OPEN}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_every_claim_holds_on_the_emulator_with_a_workspace_file_too(studio: Trial, claim: Claim) -> None:
    finding = claim.examine(studio)

    assert finding.verdict is Verdict.HOLDS, finding.seen


def runs(*ended: tuple[int, str]) -> dict[str, Any]:
    """A list of successful runs, each with its time and the type of its last stage."""
    rows = [
        {"Id": "1", "Status": "Success", "CreateTime": when, "Stages": [{"Type": type_}]}
        for when, type_ in ended
    ]
    return {"RequestId": "1", "PagingInfo": {"PipelineRuns": rows, "TotalCount": len(rows)}}


@pytest.mark.parametrize(
    ("name", "body", "verdict"),
    [
        ("without a task", runs((1, "Deploy")), Verdict.FAILS),
        ("without a task", runs((2, "Deploy"), (1, "Offline")), Verdict.FAILS),
        ("without a task", runs((1, "Deploy"), (2, "Offline")), Verdict.HOLDS),
        ("with a task", runs((1, "Deploy")), Verdict.HOLDS),
        ("with a task", runs((1, "Deploy"), (2, "Offline")), Verdict.FAILS),
        ("with a task", runs(), Verdict.HOLDS),
    ],
)
def test_the_last_successful_run_shows_whether_a_node_has_a_task(
    studio: Trial, name: str, body: dict[str, Any], verdict: Verdict
) -> None:
    answer = replace(studio.answers[f"runs of a node {name}"], body=body)
    changed = replace(studio, answers={**studio.answers, f"runs of a node {name}": answer})

    assert verdicts(changed)["task-of-node"] is verdict


def test_with_only_a_node_that_has_a_task_and_no_runs_the_claim_is_open(studio: Trial) -> None:
    answers = {name: each for name, each in studio.answers.items() if name != "runs of a node without a task"}

    assert verdicts(replace(studio, answers=answers))["task-of-node"] is Verdict.OPEN


@pytest.mark.parametrize(
    ("claim", "row"),
    [
        ("path-of-node", {"Script": {"Path": "业务流程/other/dwd_orders"}}),
        ("path-of-node", {"Script": {"Path": ""}}),
        ("path-of-node", {"Script": None}),
        ("path-of-node", {"Name": "other"}),
        ("ends-of-node", {"Inputs": {"NodeOutputs": [{"Data": "finance.rates"}]}}),
        ("ends-of-node", {"Inputs": {"NodeOutputs": []}}),
        ("ends-of-node", {"Outputs": {"NodeOutputs": [{"Data": "warehouse.dwd_orders"}]}}),
        ("ends-of-node", {"Outputs": None}),
    ],
)
def test_a_claim_fails_if_a_list_shows_a_node_differently(
    studio: Trial, claim: str, row: dict[str, Any]
) -> None:
    assert studio.node is not None
    assert studio.node["Name"] == "dwd_orders", "the one with the most inputs"

    assert verdicts(replace(studio, node={**studio.node, **row}))[claim] is Verdict.FAILS


def test_a_claim_fails_if_no_dependency_explains_an_input(studio: Trial) -> None:
    assert studio.node is not None
    listed = [*studio.node["Inputs"]["NodeOutputs"], {"Data": "what.is.this"}]

    spoiled = replace(studio, node={**studio.node, "Inputs": {"NodeOutputs": listed}})

    assert verdicts(spoiled)["ends-of-node"] is Verdict.FAILS


@pytest.mark.parametrize(
    ("edit", "verdict"),
    [
        (lambda spec: spec.replace('"metadata": {', '"metadata": {"gmtModified": 7, '), Verdict.HOLDS),
        (lambda spec: spec.replace('"id": "script-', '"id": "another-'), Verdict.HOLDS),
        (lambda spec: spec.replace('"cron": "', '"cron": "1 '), Verdict.FAILS),
        (lambda spec: spec.replace('"content": "', '"gmtModified": "1", "content": "'), Verdict.FAILS),
    ],
)
def test_a_claim_fails_if_a_second_reading_shows_another_flowspec(
    studio: Trial, edit: Callable[[str], str], verdict: Verdict
) -> None:
    spec = str(studio.answers["node"].node["Spec"])
    assert edit(spec) != spec
    answer = replace(studio.answers["node"], body={"Node": {"Spec": edit(spec)}, "RequestId": "1"})

    again = replace(studio, answers={**studio.answers, "node again": answer})

    assert verdicts(again)["flowspec-stands-still"] is verdict


@pytest.mark.parametrize("spec", ["", "none", "[" * 100_000])
@pytest.mark.usefixtures("swept")
def test_without_a_flowspec_the_claims_about_nodes_are_open(studio: Trial, spec: str) -> None:
    answer = replace(studio.answers["node"], body={"Node": {"Spec": spec}, "RequestId": "1"})

    found = verdicts(replace(studio, answers={**studio.answers, "node": answer}))

    assert {found["path-of-node"], found["ends-of-node"]} == {Verdict.OPEN}


@pytest.mark.parametrize(
    "spec", ["{}", "[]", '{"spec": {"nodes": [{"id": "1"}, 7]}}', '{"spec": {"nodes": 7}}']
)
def test_claims_fail_if_the_flowspec_does_not_contain_the_node(studio: Trial, spec: str) -> None:
    answer = replace(studio.answers["node"], body={"Node": {"Spec": spec}, "RequestId": "1"})

    found = verdicts(replace(studio, answers={**studio.answers, "node": answer}))

    assert {found["path-of-node"], found["ends-of-node"]} == {Verdict.FAILS}


def test_without_a_listed_node_the_claims_about_nodes_are_open() -> None:
    with tried(f"ListNodes:3:{NO_NODES}") as trial:
        found = verdicts(trial)

    names = ("task-of-node", "path-of-node", "ends-of-node", "name-filter")
    assert {found[name] for name in names} == {Verdict.OPEN}


def test_if_a_whole_page_of_nodes_has_the_name_the_claim_about_the_filter_is_open(studio: Trial) -> None:
    page = {"RequestId": "1", "PagingInfo": {"Nodes": [{"Id": str(number)} for number in range(100)]}}
    answer = replace(studio.answers["nodes of a part of its name"], body=page)

    found = verdicts(replace(studio, answers={**studio.answers, "nodes of a part of its name": answer}))

    assert found["name-filter"] is Verdict.OPEN
