"""What needs attention: what is true of many objects is said once, and nothing of any of them is lost."""

import html
import re
from dataclasses import replace

from dataworks_deploy.render.explain import explain
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.model import ObjectId, RunId
from dataworks_deploy.domain.outcome import GOOD, ObjectResult, Outcome, Report, Verdict
from dataworks_deploy.render.attention import FEW_OBJECTS, attention
from dataworks_deploy.render.markup import fair
from dataworks_deploy.render.summary import summary


def refused(
    name: str, code: str = "NoPermission", said: str = "No.", request_id: str | None = None
) -> ObjectResult:
    """An object whose creation was refused; its RequestId is made of its name."""
    fault = Fault(said, code, request_id or f"REQ-{name}", 403)
    return ObjectResult(ObjectId(name), Outcome.REJECTED, message=f"{code}: {said}", fault=fault)


def failed(name: str, stage: str = "PROD_CHECK", why: str = "no table") -> ObjectResult:
    """An object whose run has failed."""
    text = f"Run run-{name} ended as Fail at stage {stage}: {why} {name}"
    return ObjectResult(
        ObjectId(name), Outcome.FAILED, RunId(f"run-{name}"), f"REQ-{name}", "Fail", stage, text
    )


def skipped(name: str, message: str = "Not started: another object failed before.") -> ObjectResult:
    """An object whose turn did not come."""
    return ObjectResult(ObjectId(name), message=message)


def told(*results: ObjectResult) -> str:
    """The section as people read it."""
    return html.unescape("\n".join(attention(results)))


def titles(text: str) -> list[str]:
    """The first lines of the blocks."""
    return [line for line in text.split("\n") if line.startswith("**")]


def test_what_failed_for_the_same_reason_is_explained_once() -> None:
    text = told(*(refused(f"{n}") for n in range(3)))

    assert titles(text) == ["**❌ 3 objects** rejected"]
    for said in (
        "What happened: The key's user",
        "Likely cause: It is no member",
        "What to do: Add it",
        "“NoPermission: No.”",
    ):
        assert text.count(said) == 1, said
    assert re.findall(r"- \*\*(.)\*\*: RequestId (\S+)", text) == [(f"{n}", f"REQ-{n}") for n in range(3)]


def test_what_failed_for_another_reason_has_a_block_of_its_own() -> None:
    text = told(refused("1"), refused("2", "InternalError"), failed("3"), failed("4", "PROD"), refused("5"))

    assert titles(text) == [
        "**❌ 2 objects** rejected",
        "**❌ 2** rejected",
        "**❌ 3** failed at PROD_CHECK",
        "**❌ 4** failed at PROD",
    ]


def test_each_object_keeps_its_own_words() -> None:
    text = told(failed("1"), failed("2"))

    assert titles(text) == ["**❌ 2 objects** failed at PROD_CHECK"]
    assert "- **1**: Run run-1 ended as Fail at stage PROD_CHECK: no table 1 · RequestId REQ-1\n" in text
    assert "- **2**: Run run-2 ended as Fail at stage PROD_CHECK: no table 2 · RequestId REQ-2\n" in text


def test_an_error_that_ended_objects_in_two_ways_has_a_block_for_each() -> None:
    denied = refused("1")
    text = told(denied, replace(denied, object_id=ObjectId("2"), outcome=Outcome.FAILED, run_id=RunId("r")))

    assert titles(text) == ["**❌ 1** rejected", "**❌ 2** failed"]


def test_of_many_causes_the_first_are_shown_and_the_others_folded_with_all_their_objects() -> None:
    text = told(*(failed(f"{n}", f"STAGE-{n % 13}") for n in range(12 * 13)))
    shown, _, under_fold = text.partition("<summary>3 more</summary>")

    assert (len(titles(shown)), len(titles(under_fold))) == (10, 3)
    assert (shown.count("RequestId"), under_fold.count("RequestId")) == (120, 36)


def test_where_an_object_stands_is_its_own_where_they_differ() -> None:
    late = [ObjectResult(ObjectId(f"{n}"), Outcome.TIMED_OUT, RunId("r"), stage=f"S{n}") for n in range(2)]

    assert "- **0** at S0\n- **1** at S1\n" in told(*late)


def test_a_request_id_to_look_up_is_named_where_there_is_one() -> None:
    support = "look one of their RequestIds up"

    assert support in told(refused("1", "InternalError"), refused("2", "InternalError"))
    assert "look its RequestId REQ-1 up" in told(refused("1", "InternalError"))
    lost = [ObjectResult(ObjectId(f"{n}"), Outcome.REJECTED, message="x", fault=Fault("x")) for n in range(2)]
    assert "ask Alibaba Cloud support." in told(*lost)


def test_of_many_objects_the_first_are_shown_and_the_others_folded() -> None:
    text = told(*(refused(f"{n}") for n in range(1500)))
    shown, _, under_fold = text.partition("<summary>1,490 more</summary>")

    assert shown.count("RequestId") == FEW_OBJECTS
    assert under_fold.count("RequestId") == 1490


def test_names_alone_are_folded() -> None:
    text = told(*(skipped(f"{n}") for n in range(3)))
    shown, _, under_fold = text.partition("<summary>the 3 objects</summary>")

    assert "**⏭️ 3 objects** not started" in shown
    assert re.findall(r"- \*\*(.)\*\*\n", under_fold) == ["0", "1", "2"]
    assert "- **" not in shown


def test_runs_that_stand_for_themselves_are_called_runs() -> None:
    runs = [ObjectResult(ObjectId(f"{n}"), Outcome.WAITING, RunId(f"{n}"), alone=True) for n in range(2)]

    assert "2 runs** waiting for a person" in told(*runs)


def test_what_was_not_started_has_something_to_do_and_no_cause_that_repeats_it() -> None:
    text = told(skipped("1"))

    assert "- What to do: Mend what failed, if anything did. See How to continue" in text
    assert "Likely cause" not in text
    assert "Likely cause" in told(skipped("1", ""))


WORDS = st.sampled_from(["", "a", "b b", "未找到发布对象: 1", "Run r ended"])
RESULTS = st.lists(
    st.builds(
        ObjectResult,
        object_id=st.integers(10**18, 2 * 10**18).map(lambda n: ObjectId(f"{n}")),
        outcome=st.sampled_from([each for each in Outcome if each not in GOOD]),
        run_id=st.sampled_from([None, RunId("r")]),
        request_id=st.sampled_from([None, "Q-1", "Q-2"]),
        status=st.sampled_from([None, "Fail", "Running"]),
        stage=st.sampled_from([None, "S-1", "S-2"]),
        message=WORDS,
        fault=st.none()
        | st.builds(Fault, WORDS, st.sampled_from(["", "NoPermission"]), st.sampled_from([None, "I-1", "I-2"])),
    ),
    max_size=8,
    unique_by=lambda each: each.object_id,
)  # fmt: skip


@given(RESULTS)
def test_all_that_is_known_of_an_object_stands_in_its_block(results: list[ObjectResult]) -> None:
    blocks = html.unescape("\n".join(attention(results))).split("\n**")[1:]
    for each in results:
        mine = [block for block in blocks if each.object_id in block]
        assert len(mine) == 1
        found = explain(each)
        wanted = [found.what, found.cause, each.message]
        wanted += [found.fix] if "RequestId" not in found.fix else []
        wanted += [each.fault.message, each.fault.request_id or ""] if each.fault else [each.request_id or ""]
        assert [text for text in wanted if text not in mine[0]] == []


def test_what_short_parts_leave_goes_to_the_longer_ones() -> None:
    parts = [["x" * 9] * 10, ["x" * 9], ["x" * 9] * 100]

    assert [len(part) for part in fair(250, parts, "…")] == [10, 1, 15]
    assert fair(250, parts, "…")[2][-1] == "…"
    assert fair(10, [[], []], "…") == [[], []]
    assert [len(part) for part in fair(200, [parts[2], parts[2]], "…")] == [11, 11]


def test_a_thousand_failures_of_ten_kinds_are_all_in_the_summary() -> None:
    results = tuple(
        refused(
            f"{7_567_482_277_219_412_494 + n}",
            f"Code{n % 10}",
            request_id=f"4B8139C2-2300-405B-A56C-3E4105{n:06}",
        )
        for n in range(1000)
    )

    page = summary(Report(Verdict.FAILED, results))

    assert "and more" not in page.partition("### What needs attention")[2]
