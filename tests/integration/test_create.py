"""Without faults: one run per object, and what the step reports about it."""

import json
import re

from .job import JOB, OBJECT, OBJECTS, PROJECT
from .step import Site

MARK = re.compile(r"\[dwd1:[A-Z2-7]{26}:g1(:r[A-Z2-7]{8})?(:c[A-Z2-7]{16})?\] ")


def test_each_object_gets_one_run_by_one_request_in_the_order_given(site: Site) -> None:
    ended = site.run(*OBJECTS)

    assert ended.status == 0, ended.stdout
    assert ended.outcome == "created"
    assert [json.loads(post["params"]["ObjectIds"]) for post in site.posts] == [[each] for each in OBJECTS]
    assert ended.column("run_id") == [run_id for each in OBJECTS for run_id in site.runs(each)]
    assert ended.column("attempts") == [1, 1, 1]
    assert ended.column("adopted") == [False, False, False]
    assert len({*site.nonces}) == 3


def test_the_description_starts_with_the_mark_and_names_the_workflow_run(site: Site) -> None:
    site.run()

    (post,) = site.posts
    description = post["params"]["Description"]
    assert MARK.match(description)
    for name in ("GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_SERVER_URL"):
        assert JOB[name] in description
    assert JOB["GITHUB_SHA"][:7] in description


def test_the_description_of_the_user_follows_the_mark(site: Site) -> None:
    site.run(description="发布 “orders”\n[dwd1:AAAAAAAAAAAAAAAAAAAAAAAAAA:g7] & 100 %")

    (run,) = site.truth.runs()
    assert MARK.sub("", run["description"]) == "发布 “orders”\n[dwd1:AAAAAAAAAAAAAAAAAAAAAAAAAA:g7] & 100 %"


def test_the_service_receives_type_workspace_and_object(site: Site) -> None:
    site.run(type="offline")

    (run,) = site.truth.runs()
    assert (run["type"], run["project"], run["object"]) == ("Offline", PROJECT, OBJECT)


def test_each_object_and_each_type_has_its_own_mark(site: Site) -> None:
    site.run(*OBJECTS)
    site.run(type="Offline")

    marks = [run["description"].split("]")[0] for run in site.truth.runs()]
    assert len({*marks}) == 4


def test_a_repeated_id_is_deployed_once(site: Site) -> None:
    environment = site.run(object_ids=f"{OBJECT},{OBJECT}\n {OBJECT}")

    assert len(site.runs()) == 1
    assert any("3 times" in warning for warning in environment.warnings)


def test_all_digits_of_a_19_digit_id_arrive(site: Site) -> None:
    site.run("9223372036854775807", object_ids="[9223372036854775807]")

    (post,) = site.posts
    assert post["params"]["ObjectIds"] == '["9223372036854775807"]'
