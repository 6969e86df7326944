"""Every unchanged example: the runner accepts it, and the service has what the example deploys."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .act import Act, Ran
from .conftest import LISTS, NAMES
from .places import ROOT, commit, published
from .service import comments

pytestmark = [pytest.mark.runner, pytest.mark.timeout(900)]

Start = Callable[..., Act]
IDS = LISTS["objects"]
OTHERS = ["7567482277219412511", "7567482277219412512"]
WORKSPACES = ("sales", "finance", "logistics")
# The same for all workspaces here. On GitHub each environment has its own.
VARIABLES = [
    word
    for name, value in {
        "DATAWORKS_PROJECT_ID": "12345",
        "DATAWORKS_REGION": "cn-shanghai",
        "DATAWORKS_ROLE_ARN": "acs:ram::1234567890123456:role/deployer",
        "DATAWORKS_OIDC_PROVIDER_ARN": "acs:ram::1234567890123456:oidc-provider/github",
    }.items()
    for word in ("--var", f"{name}={value}")
]
TRIED = {
    "by-name.yml",
    "rehearse.yml",  # by test_rehearsal.py
    "on-merge.yml",
    "only-changed.yml",
    "preview.yml",
    "release-in-two-steps.yml",
    "resume.yml",
    "several-workspaces.yml",
    "undeploy.yml",
    "use-results.yml",
}


def types(act: Act) -> dict[str, list[str]]:
    """Return the types of the runs of each object: `Online`, `Offline`."""
    found: dict[str, list[str]] = {}
    for created in act.service.emulator.truth("committed"):
        found.setdefault(created["object"], []).append(created["type"])
    return found


def stages(act: Act) -> list[str]:
    """Return the executed stages of all runs, in order."""
    return [event["stage"] for event in act.service.emulator.truth("stage_executed")]


def results_of(ran: Ran) -> list[tuple[str, str]]:
    """Return object and outcome of every result of every job."""
    texts = [e["arg"] for e in ran.of(command="set-output", name="results")]
    return sorted((r["object_id"], r["outcome"]) for text in texts for r in json.loads(text))


def left_open(act: Act, user: Path) -> str:
    """Let the first half of a release leave a run open, and return its ID."""
    left = act.run(user, "release-in-two-steps.yml", "--input", f"object-ids={IDS[0]}", "--job", "check")
    assert left.exit_code == 0, left.log
    (run_id,) = act.service.emulator.runs()[IDS[0]]
    return run_id


def test_every_example_is_tried() -> None:
    assert {path.name for path in (ROOT / "examples").glob("*.yml")} == TRIED


def test_on_merge_deploys_the_list_with_a_role(start: Start, user: Path) -> None:
    act = start()

    ran = act.run(user, "on-merge.yml", event="push")

    assert ran.exit_code == 0, ran.log
    assert types(act) == {object_id: ["Online"] for object_id in IDS}
    assert results_of(ran) == [(object_id, "succeeded") for object_id in IDS]
    assert len(act.service.emulator.truth("assumed")) == 1
    assert {e["who"] for e in act.service.emulator.truth("committed")} != {
        act.secrets["ALIBABA_CLOUD_ACCESS_KEY_ID"]
    }


def test_by_name_deploys_in_order_and_skips_only_objects_that_need_a_failed_one(
    start: Start, user: Path
) -> None:
    act = start(
        "--workspace", "/truth/workspace.json", "--fail", f"{NAMES['dwd_orders']}:PROD:no such engine"
    )

    ran = act.run(user, "by-name.yml", event="push")

    assert ran.exit_code == 1, ran.log
    ended = dict(results_of(ran))
    assert {name: ended[object_id] for name, object_id in NAMES.items()} == {
        "ods_orders": "succeeded",
        "dwd_orders": "failed",
        "ads_orders": "skipped",
        "users": "succeeded",
        "rates.jar": "succeeded",
        "to_cny": "succeeded",
    }
    created = [event["object"] for event in act.service.emulator.truth("committed")]
    assert created[:2] == [NAMES["rates.jar"], NAMES["to_cny"]]
    assert created.index(NAMES["ods_orders"]) < created.index(NAMES["dwd_orders"])


def test_by_name_started_by_hand_accepts_a_pattern_and_adds_upstream_objects(
    start: Start, user: Path
) -> None:
    act = start("--workspace", "/truth/workspace.json")

    used = act.run(user, "by-name.yml", "--input", f"object-ids={NAMES['rates.jar']} {NAMES['to_cny']}")
    ran = act.run(user, "by-name.yml", "--input", "objects=**/ads_*")

    assert (used.exit_code, ran.exit_code) == (0, 0), used.log + ran.log
    assert results_of(ran) == sorted(
        (NAMES[name], "succeeded") for name in ("ads_orders", "dwd_orders", "users")
    )


def test_only_changed_deploys_edited_objects_again(start: Start, user: Path) -> None:
    act = start("--workspace", "/truth/workspace.json")
    # act does not know the repository's ID.
    here = ("--env", "GITHUB_REPOSITORY_ID=748291056")

    first = act.run(user, "only-changed.yml", *here, event="push")
    again = act.run(user, "only-changed.yml", *here, event="push")
    by_hand = act.run(user, "only-changed.yml", *here, "--input", "objects=ods_orders")

    assert (first.exit_code, again.exit_code, by_hand.exit_code) == (0, 0, 0), first.log + again.log
    assert {outcome for _, outcome in results_of(first)} == {"succeeded"}
    # Somebody edited this object while the first workflow run deployed the others.
    edited = {NAMES["ads_orders"]: "succeeded"}
    assert dict(results_of(again)) == dict.fromkeys(NAMES.values(), "unchanged") | edited
    assert results_of(by_hand) == [(NAMES["ods_orders"], "succeeded")]


def test_on_merge_started_by_hand_deploys_the_objects_of_the_form(start: Start, user: Path) -> None:
    act = start()

    named = act.run(user, "on-merge.yml", "--input", f"object-ids={OTHERS[0]}, {OTHERS[1]}")
    again = act.run(user, "on-merge.yml")

    assert (named.exit_code, again.exit_code) == (0, 0), named.log + again.log
    assert results_of(named) == [(object_id, "succeeded") for object_id in OTHERS]
    assert results_of(again) == [(object_id, "succeeded") for object_id in IDS], (
        "an empty form: the file's list"
    )


@pytest.mark.parametrize(
    "example", ["by-name.yml", "on-merge.yml", "release-in-two-steps.yml", "use-results.yml"]
)
def test_a_deployment_started_by_hand_continues_the_runs_of_the_form(
    start: Start, user: Path, example: str
) -> None:
    act = start()
    run_id = left_open(act, user)

    ran = act.run(user, example, "--input", f"run-ids={run_id}")

    assert ran.exit_code == 0, ran.log
    assert act.service.emulator.runs() == {IDS[0]: [run_id]}, "no new run"
    assert stages(act) == ["PROD_CHECK", "PROD"]


def test_a_deployment_started_by_hand_accepts_objects_and_their_runs(start: Start, user: Path) -> None:
    act = start()
    run_id = left_open(act, user)

    ran = act.run(user, "on-merge.yml", "--input", f"object-ids={IDS[0]}", "--input", f"run-ids={run_id}")

    assert ran.exit_code == 0, ran.log
    assert act.service.emulator.runs() == {IDS[0]: [run_id]}
    assert results_of(ran) == [(IDS[0], "succeeded")]


def test_release_in_two_steps_deploys_the_runs_that_it_has_checked(start: Start, user: Path) -> None:
    act = start()

    ran = act.run(user, "release-in-two-steps.yml", "--input", f"object-ids={' '.join(IDS)}")

    assert ran.exit_code == 0, ran.log
    checked, deployed = (e["arg"] for e in ran.of(command="set-output", name="run-ids"))
    runs = act.service.emulator.runs()
    assert json.loads(checked) == json.loads(deployed) == [runs[object_id][0] for object_id in IDS]
    assert types(act) == {object_id: ["Online"] for object_id in IDS}
    assert sorted(stages(act)[:2]) == ["PROD_CHECK"] * 2, "both are checked before one is deployed"
    assert sorted(stages(act)[2:]) == ["PROD"] * 2


def test_release_in_two_steps_accepts_a_name(start: Start, user: Path) -> None:
    act = start("--workspace", "/truth/workspace.json")

    ran = act.run(user, "release-in-two-steps.yml", "--input", "objects=ods_orders")

    assert ran.exit_code == 0, ran.log
    assert types(act) == {NAMES["ods_orders"]: ["Online"]}
    assert stages(act) == ["PROD_CHECK", "PROD"]


def test_resume_continues_a_run_that_was_left_open(start: Start, user: Path) -> None:
    act = start()
    run_id = left_open(act, user)

    ran = act.run(user, "resume.yml", "--input", f"run-ids={run_id}")

    assert ran.exit_code == 0, ran.log
    assert act.service.emulator.runs() == {IDS[0]: [run_id]}
    assert stages(act) == ["PROD_CHECK", "PROD"]


def test_several_workspaces_are_deployed_each_from_its_own_list(start: Start, user: Path) -> None:
    act = start("--fail", f"{LISTS['sales'][0]}:PROD:no such engine")

    ran = act.run(user, "several-workspaces.yml", *VARIABLES, event="push")

    assert ran.exit_code == 1, ran.log
    assert types(act) == {object_id: ["Online"] for name in WORKSPACES for object_id in LISTS[name]}
    assert sorted(ran.ends(published())) == ["failure", "success", "success"], (
        "one fails, and the others go on"
    )


def test_one_of_several_workspaces_is_deployed_by_hand(start: Start, user: Path) -> None:
    act = start()

    whole = act.run(user, "several-workspaces.yml", *VARIABLES, "--input", "workspace=finance")
    named = act.run(
        user,
        "several-workspaces.yml",
        *(*VARIABLES, "--input", "workspace=finance", "--input", f"object-ids={OTHERS[0]}"),
    )

    assert (whole.exit_code, named.exit_code) == (0, 0), whole.log + named.log
    assert results_of(whole) == [(object_id, "succeeded") for object_id in LISTS["finance"]]
    assert results_of(named) == [(OTHERS[0], "succeeded")]


def opened(folder: Path, head: str = "octo-org/warehouse") -> list[str]:
    """The options for a pull request with commits of this repository."""
    event = folder / "event.json"
    pull_request = {
        "number": 7,
        "head": {"ref": "change", "repo": {"full_name": head}},
        "base": {"ref": "main"},
    }
    event.write_text(json.dumps({"number": 7, "pull_request": pull_request}), "utf-8")
    return ["--eventpath", str(event), "--secret", "GITHUB_TOKEN=ghs_of-the-job"]


def test_preview_has_one_comment_that_each_push_edits(start: Start, user: Path, tmp_path: Path) -> None:
    act = start("--workspace", "/truth/workspace.json")
    objects = user / "dataworks/objects.txt"
    before, marker = objects.read_text("utf-8"), "<!-- dataworks-preview -->"
    theirs = [{"id": n, "user": {"login": "alice"}, "body": f"{marker} {n}"} for n in range(3)]

    def push(lines: str) -> Ran:
        objects.write_text(lines, "utf-8")
        return act.run(user, "preview.yml", *opened(tmp_path), event="pull_request")

    try:
        with comments(tmp_path / "truth", act.service.network, act.image, *theirs) as told:
            first = push("ads_orders\ndwd_orders\nto_cny\n")
            (shown,) = told.texts["github-actions[bot]"]
            second = push("no_such_object\n")
            (then,) = told.texts["github-actions[bot]"]
    finally:
        objects.write_text(before, "utf-8")

    assert (first.exit_code, second.exit_code) == (0, 1), first.log + second.log
    assert shown.startswith(f"{marker}\n## ✅ DataWorks Deploy: planned")
    assert "3 objects: 3 to deploy" in shown
    assert "flowchart LR" in shown
    assert "not about the files of this pull request" in shown
    assert then.startswith(f"{marker}\n## ❌ DataWorks Deploy: invalid")
    assert [method for method, _ in told.requests if method != "GET"] == ["POST", "PATCH"]
    assert told.texts["alice"] == [f"{marker} {n}" for n in range(3)], "somebody else's are left alone"
    assert types(act) == {}


def test_a_preview_that_could_not_run_says_so_and_posts_no_file_of_the_pull_request(
    start: Start, user: Path, tmp_path: Path
) -> None:
    act, ours = start(), user / "dataworks-preview.md"
    (tmp_path / "broken").mkdir()
    steps = "runs:\n  using: composite\n  steps: [{run: exit 1, shell: bash}]\n"
    (tmp_path / "broken/action.yml").write_text(f"name: x\ndescription: x\n{steps}", "utf-8")
    broken = ["--local-repository", f"{published()}={commit(tmp_path / 'broken')}"]
    ours.symlink_to("/proc/self/environ")

    try:
        with comments(tmp_path / "truth", act.service.network, act.image) as told:
            ran = act.run(user, "preview.yml", *opened(tmp_path), *broken, event="pull_request")
            (shown,) = told.texts["github-actions[bot]"]
    finally:
        ours.unlink()

    assert ran.exit_code == 1, ran.log
    assert "The preview could not run" in shown
    assert "/octo-org/warehouse/actions/runs/" in shown
    assert "GH_TOKEN" not in shown


def test_preview_does_not_run_for_forks(start: Start, user: Path, tmp_path: Path) -> None:
    act = start()

    ran = act.run(user, "preview.yml", *opened(tmp_path, "mallory/warehouse"), event="pull_request")

    assert ran.exit_code == 0, ran.log
    assert act.service.emulator.truth("received") == []
    assert ran.of(step="Comment") == []


def test_undeploy_starts_with_downstream_objects_and_can_be_continued(start: Start, user: Path) -> None:
    act = start("--workspace", "/truth/deployed.json")
    first, then = NAMES["ads_orders"], NAMES["dwd_orders"]

    ran = act.run(user, "undeploy.yml", "--input", f"object-ids={then},{first}")
    (run_ids,) = (json.loads(e["arg"]) for e in ran.of(command="set-output", name="run-ids"))
    again = act.run(user, "undeploy.yml", "--input", f"run-ids={' '.join(run_ids)}")

    assert (ran.exit_code, again.exit_code) == (0, 0), ran.log + again.log
    assert types(act) == {first: ["Offline"], then: ["Offline"]}
    assert [e["object"] for e in act.service.emulator.truth("committed")] == [first, then]


def test_the_results_of_a_failed_step_reach_later_steps(start: Start, user: Path) -> None:
    act = start("--fail", f"{IDS[1]}:PROD:no such engine")

    ran = act.run(user, "use-results.yml")

    assert ran.exit_code == 1, ran.log
    assert ran.printed("First run") == act.service.emulator.runs()[IDS[0]]
    (told,) = ran.printed("What did not succeed")
    assert told.startswith(f"{IDS[1]} failed ")
    assert "no such engine" in told
