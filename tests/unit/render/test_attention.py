"""The section What needs attention: what many objects share is said once, and no fact is lost."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.model import ObjectId, Run, RunId, Stage
from dataworks_deploy.domain.outcome import Outcome, row_of
from dataworks_deploy.domain.reason import NotStarted
from dataworks_deploy.domain.record import Record
from dataworks_deploy.render.advice import GO_ON_BELOW, explain, meaning
from dataworks_deploy.render.errors import ASK, GO_ON
from dataworks_deploy.render.markup import fair
from dataworks_deploy.render.reasons import message
from dataworks_deploy.render.step import FEW_OBJECTS, attention

from .records import (
    CLOSED,
    abolished,
    failed,
    foreign,
    named,
    orders,
    over,
    own,
    read,
    refused,
    refused_at,
    stopped,
    unknown,
    unsent,
    unstarted,
    waiting,
)

INSIDE = "InternalError"


def denied(name: str, code: str = "NoPermission") -> Record:
    """An object whose creation was refused, with its own RequestId."""
    return refused(name, Fault("No.", code, f"REQ-{name}", 403))


def failed_at(name: str, code: str) -> Record:
    """An object whose run has failed at this stage."""
    stage = Stage(code, "", 1, "Check", "Fail", "no table")
    return over(own(name), Run(RunId(f"run-{name}"), "Fail", stages=(stage,)), Outcome.FAILED)


def told(*records: Record) -> str:
    """The section as people see it."""
    return html.unescape("\n".join(attention(records)))


def titles(text: str) -> list[str]:
    """The first lines of the blocks."""
    return [line for line in text.split("\n") if line.startswith("**")]


def test_objects_that_failed_for_the_same_reason_are_explained_once() -> None:
    text = told(*(denied(f"{n}") for n in range(3)))

    assert titles(text) == ["**❌ 3 objects** rejected"]
    for said in (
        "What happened: The user or role",
        "Likely cause: It is no",
        "What to do: Add",
        "“NoPermission: No.”",
    ):
        assert text.count(said) == 1, said
    assert re.findall(r"- \*\*(.)\*\*: RequestId (\S+)", text) == [(f"{n}", f"REQ-{n}") for n in range(3)]


def test_an_object_has_its_name_first_and_if_it_is_alone_its_path() -> None:
    alone, several = told(orders(denied("1"))), told(orders(denied("1")), denied("2"))

    assert titles(alone) == ["**❌ dwd_orders_di (1)** rejected"]
    assert "- Path: dw/orders/dwd_orders_di\n- What happened: " in alone
    assert "- **dwd_orders_di (1)**: RequestId REQ-1\n- **2**: RequestId REQ-2\n" in several
    assert "Path" not in several


def test_an_object_that_was_not_started_names_the_one_that_it_needs_and_what_to_do() -> None:
    needed = orders(failed(own("1")))
    text = told(Record(ObjectId("2")).kept_back(needed), Record(ObjectId("3")).kept_back(needed))

    assert titles(text) == ["**⏭️ 2 objects** not started"]
    assert (
        "- What happened: Not started: dwd_orders_di (1) comes before this object and did not succeed."
        in text
    )
    assert "- What to do: Fix what is wrong with that object. See How to continue, below." in text
    assert "Likely cause" not in text


def test_objects_that_ended_differently_have_separate_blocks() -> None:
    """The same error has two blocks if it ended objects in two ways."""
    at_build = failed_at("4", "BUILD")
    text = told(
        denied("1"), denied("2", INSIDE), failed(own("3")), at_build, denied("5"), refused_at(own("6"))
    )

    assert titles(text) == [
        "**❌ 2 objects** rejected",
        "**❌ 2** rejected",
        "**❌ 3** failed at PROD_CHECK",
        "**❌ 4** failed at BUILD",
        "**❌ 6** failed at PROD_CHECK",
    ]


def test_each_object_keeps_its_own_words_and_place() -> None:
    text = told(failed(own("1")), failed(own("2")))
    late = [stopped(read(own("3"), "Running", *["Success"] * n, "Running")) for n in (1, 2)]

    assert titles(text) == ["**❌ 2 objects** failed at PROD_CHECK"]
    for n in "12":
        own_words = f"Run run-{n} ended as Fail at stage PROD_CHECK: no table · RequestId REQ-{n}\n"
        assert f"- **{n}**: {own_words}" in f"{text}\n"
    assert re.findall(r"- \*\*3\*\* at (\w+)", told(*late)) == ["PROD_CHECK", "PROD"]


@pytest.mark.parametrize("request_ids", [1, 2])
def test_a_request_id_to_look_up_is_named_if_there_is_one(request_ids: int) -> None:
    wanted = "look its RequestId REQ-0 up" if request_ids == 1 else "look one of their RequestIds up"

    assert wanted in told(*(denied(f"{n}", INSIDE) for n in range(request_ids)))
    lost = [unsent(f"{n}", Fault("x")) for n in range(request_ids)]
    assert "ask Alibaba Cloud support." in told(*lost)


def test_of_many_objects_the_first_are_shown_and_the_others_are_folded() -> None:
    objects = told(*(denied(f"{n}") for n in range(1500)))
    shown, _, folded = objects.partition("<summary>1,490 more</summary>")
    assert (shown.count("RequestId"), folded.count("RequestId")) == (FEW_OBJECTS, 1490)

    causes = told(*(failed_at(f"{n}", f"STAGE-{n % 13}") for n in range(12 * 13)))
    shown, _, folded = causes.partition("<summary>3 more</summary>")
    assert (len(titles(shown)), len(titles(folded))) == (10, 3)
    assert (shown.count("RequestId REQ"), folded.count("RequestId REQ")) == (120, 36)


def test_a_list_of_only_names_is_folded() -> None:
    shown, _, folded = told(*(unstarted(f"{n}") for n in range(3))).partition(
        "<summary>the 3 objects</summary>"
    )

    assert "**⏭️ 3 objects** not started" in shown
    assert re.findall(r"- \*\*(.)\*\*\n", folded) == ["0", "1", "2"]
    assert "- **" not in shown


def test_runs_without_objects_are_called_runs() -> None:
    assert "2 runs** waiting for approval" in told(*(waiting(named(n, alone=True)) for n in "12"))


def test_an_object_that_was_not_started_has_advice_and_no_cause_that_repeats_the_message() -> None:
    late = Record(ObjectId("1")).held_back(NotStarted())
    for record, first in ((unstarted("1"), "If another object failed, fix it first. "), (late, "")):
        assert f"- What to do: {first}See How to continue, below." in told(record)
        assert "Likely cause" not in told(record)


def test_if_the_service_was_not_reached_no_answer_is_quoted() -> None:
    text = told(unsent("1", CLOSED))

    assert titles(text) == ["**❌ 1** not sent"]
    assert "The answer was" not in text, "the message says it"


def test_an_answer_that_the_message_quotes_is_not_quoted_again() -> None:
    fault = Fault("The token is over.", "InvalidSecurityToken", "R-1", 400)
    text = told(refused_at(own("1"), fault))

    assert text.count("The token is over") == 1
    assert "The answer was" not in text


FAULTS = st.builds(
    Fault,
    st.sampled_from(["a", "b b", "未找到发布对象: 1", "Run r ended"]),
    st.sampled_from(["", "NoPermission"]),
    st.sampled_from([None, "I-1", "I-2"]),
)
ENDS = st.sampled_from(
    [
        refused,
        unsent,
        unknown,
        lambda name, fault: refused_at(own(name), fault),
        lambda name, fault: failed(own(name), fault.message),
        lambda name, _: unstarted(name),
        lambda name, _: waiting(own(name)),
        lambda name, _: stopped(read(foreign(name))),
        lambda name, _: abolished(stopped(read(own(name)))),
    ]
)
RECORDS = st.lists(
    st.builds(
        lambda end, number, fault: end(f"{number}", fault), ENDS, st.integers(10**18, 2 * 10**18), FAULTS
    ),
    max_size=8,
    unique_by=lambda record: record.object_id,
)


@given(RECORDS)
def test_all_that_is_known_of_an_object_is_in_its_block(records: list[Record]) -> None:
    assert not any(row_of(each.outcome).good for each in records)
    blocks = told(*records).split("\n**")[1:]
    for each in records:
        mine = [block for block in blocks if re.search(rf"\b{each.object_id}\*\*", f"**{block}")]
        assert len(mine) == 1
        found = explain(each)
        # The text about support depends on the other objects in the block.
        wanted = [found.what, found.cause, *meaning(each).fix.replace(GO_ON, GO_ON_BELOW).split(ASK)]
        wanted += [each.fault.message, each.fault.request_id or ""] if each.fault else [each.request.id or ""]
        wanted += [message(each)] if not each.fault or not message(each).startswith(each.fault.code) else []
        assert [text for text in wanted if text not in mine[0]] == []


def test_space_that_short_parts_leave_goes_to_the_longer_ones() -> None:
    parts = [["x" * 9] * 10, ["x" * 9], ["x" * 9] * 100]

    assert [len(part) for part in fair(250, parts, "…")] == [10, 1, 15]
    assert fair(250, parts, "…")[2][-1] == "…"
    assert fair(10, [[], []], "…") == [[], []]
    assert [len(part) for part in fair(200, [parts[2], parts[2]], "…")] == [11, 11]


def test_a_thousand_failures_of_ten_kinds_are_all_shown() -> None:
    names = [f"{7_567_482_277_219_412_494 + n}" for n in range(1000)]
    text = told(*(failed_at(name, f"STAGE-{name[-1]}") for name in names))

    assert "and more" not in text
    assert all(name in text for name in names)
