"""The job summary, on plain values: what it says, in which order, how long it gets, and that texts stay texts."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from dataworks_deploy.render.explain import explain_error
from hypothesis import assume, given
from hypothesis import strategies as st

from dataworks_deploy.domain.ending import Fault
from dataworks_deploy.domain.model import ObjectId, RunId
from dataworks_deploy.domain.outcome import ObjectResult, Outcome, Report, Verdict
from dataworks_deploy.domain.spans import Span
from dataworks_deploy.render.about import About
from dataworks_deploy.render.links import data_studio
from dataworks_deploy.render.markup import duration
from dataworks_deploy.render.summary import summary

from ..witness.markdown import fences, skeleton
from .test_payloads import payloads

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
URL = data_studio("cn-shanghai", 10001)
ABOUT = About("Online", 10001, "cn-shanghai", URL)
# The rendered page of `MIXED`, for people who review a change of it.
EXAMPLE = Path(__file__).with_name("summary.md")
MOST_BYTES = 900 * 1024
OPTIONS = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_GITHUB_PRE_LANG


def at(seconds: float) -> datetime:
    """So many seconds past noon."""
    return NOON + timedelta(seconds=seconds)


def stages(*codes: str, status: str = "Success") -> tuple[Span, ...]:
    """Stages of ten seconds each; the last one has this status."""
    spans = [Span(code, "Success", at(10 * n), at(10 * n + 10)) for n, code in enumerate(codes)]
    return (*spans[:-1], Span(codes[-1], status, spans[-1].began, spans[-1].ended))


MIXED = Report(
    Verdict.UNKNOWN,
    (
        ObjectResult(
            ObjectId("7567482277219412494"), Outcome.SUCCEEDED, RunId("run-1"), "4B8139C2", "Success", "PROD", url=URL,
            started_at=at(0), finished_at=at(31.4), spans=stages("BUILD_PACKAGE", "PROD_CHECK", "PROD"),
        ),
        ObjectResult(
            ObjectId("7567482277219412495"), Outcome.FAILED, RunId("run-2"), "24456D24", "Fail", "PROD_CHECK", url=URL,
            message="Run run-2 ended as Fail at stage PROD_CHECK: table dw.orders does not exist",
            started_at=at(0), finished_at=at(20.8), spans=stages("BUILD_PACKAGE", "PROD_CHECK", status="Fail"),
        ),
        ObjectResult(
            ObjectId("7567482277219412496"), Outcome.REJECTED, None, "93F232B9", url=URL,
            message="NoPermission: You are not authorized.", started_at=at(0), finished_at=at(1.2),
            fault=Fault("You are not authorized.", "NoPermission", "93F232B9", 403),
        ),
        ObjectResult(
            ObjectId("7567482277219412497"), Outcome.WAITING, RunId("run-4"), "5D5E2CB0", "Running", "PROD_CHECK",
            url=URL, message="Stage PROD of run run-4 waits for a person.", waits_for="PROD", own=True,
            started_at=at(0), finished_at=at(600), spans=stages("BUILD_PACKAGE", "PROD_CHECK"),
        ),
        ObjectResult(
            ObjectId("7567482277219412498"), Outcome.UNKNOWN, url=URL, started_at=at(0), finished_at=at(70),
            message="Nobody can tell whether a run was created for object 7567482277219412498: connection reset.",
            fault=Fault("connection reset"),
        ),
        ObjectResult(ObjectId("7567482277219412499"), message="Not started: another object failed before.", url=URL),
    ),
    api_calls=57,
)  # fmt: skip


def rows(page: str) -> list[list[str]]:
    """The cells of all rows of the page's tables."""
    plain = page.replace("\u00a0", " ")
    lines = [line for line in plain.split("\n") if line.startswith("| ") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def one(**fields: object) -> str:
    """The page of one object."""
    result = ObjectResult(ObjectId("1"), **fields)  # type: ignore[arg-type]
    return summary(Report(Verdict.FAILED, (result,)))


def test_the_example_is_what_is_rendered() -> None:
    assert summary(MIXED, ABOUT) == EXAMPLE.read_text("utf-8")


def test_what_is_urgent_stands_first() -> None:
    outcomes = [row[1].split()[1] for row in rows(summary(MIXED, ABOUT))[1:]]

    assert outcomes == ["unknown", "failed", "rejected", "waiting", "skipped", "succeeded"]


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_said_in_the_first_lines(verdict: Verdict) -> None:
    head = summary(Report(verdict)).split("\n")

    assert head[0].endswith(f"DataWorks Deploy: {verdict.value.replace('_', ' ')}")
    assert head[0].startswith("## ✅") == (verdict.exit_status == 0)
    assert len(head[2]) > 20


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_in_the_table_as_the_outputs_have_it(outcome: Outcome) -> None:
    assert rows(one(outcome=outcome))[1][1].endswith(f" {outcome.value}")


def test_mistakes_in_the_inputs_are_all_named() -> None:
    page = summary(Report(Verdict.INVALID, problems=("project-id: is required.", "region: is required.")))

    assert "- project-id&#58; is required.\n- region&#58; is required.\n" in page
    assert rows(page) == []


def test_a_plan_is_shown() -> None:
    result = ObjectResult(
        ObjectId("1"), Outcome.PLANNED, message="Would create one pipeline run for object 1."
    )
    page = summary(Report(Verdict.PLANNED, (result,), 1))

    assert "- **1**: Would create one pipeline run for object 1." in page
    assert "1 API call\n" in page


def test_a_note_that_holds_for_several_objects_stands_once() -> None:
    results = [ObjectResult(ObjectId(f"{n}"), Outcome.CREATED, message="Left open.") for n in range(12)]
    page = summary(
        Report(Verdict.CREATED, (*results, ObjectResult(ObjectId("x"), Outcome.CREATED, message="Other.")))
    )

    assert page.count("Left open.") == 1
    assert "- **0**, **1**, " in page
    assert "**9** and 2 more: Left open." in page
    assert "- **x**: Other." in page


def test_of_a_killed_step_it_says_that_this_is_not_the_end() -> None:
    result = ObjectResult(
        ObjectId("1"), Outcome.CREATED, RunId("7"), status="Running", own=True, started_at=NOON
    )
    page = summary(Report(Verdict.CANCELLED, (result,), as_of=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)))

    assert page.startswith("## ⚠️ DataWorks Deploy: cut off\n\nThe step was killed before")
    assert "what was known at 03:04:05 UTC" in page
    assert "1 run may be open." in page


def test_of_a_long_answer_only_the_beginning_is_quoted() -> None:
    """Some answers quote the request that they refuse, with its signature."""
    fault = Fault("Refused. " * 60 + "Authorization: ACS3-HMAC-SHA256 Signature=1234", "Echo")
    page = one(outcome=Outcome.REJECTED, message="Refused", fault=fault)

    assert "Echo&#58; Refused. Refused." in page
    assert "Signature" not in page


def test_a_chart_says_what_it_leaves_out() -> None:
    known = Span("PROD", "Success", at(0), at(1))

    assert "left out" not in one(spans=(known,))
    assert "Stages that were over before the first reading are left out." in one(
        spans=(Span("BUILD", "Success", at(0), at(0), timed=False), known)
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0.0 s"), (0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"),
     (3599, "59 min 59 s"), (3600, "1 h 00 min"), (90_000, "25 h 00 min")],
)  # fmt: skip
def test_times_are_said_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def hostile(text: str) -> Report:
    """A report in which every text of the service and the user is this one."""
    result = ObjectResult(
        ObjectId(f"o{text}"), Outcome.FAILED, RunId(f"r {text}"), f"q{text}", f"s{text}", f"t{text}", f"m{text}",
        own=True, started_at=NOON, spans=(Span(text, "Fail", NOON, NOON),),
        fault=Fault(f"f{text}", request_id=f"i{text}"),
    )  # fmt: skip
    again = replace(
        result, object_id=ObjectId(f"O{text}"), message=f"M{text}", stage=f"T{text}",
        fault=Fault(f"F{text}", request_id=f"I{text}"),
    )  # fmt: skip
    lost = replace(result, outcome=Outcome.TIMED_OUT)
    planned = ObjectResult(ObjectId("p"), Outcome.PLANNED, message=text or "-")
    return Report(Verdict.FAILED, (result, again, lost, planned), problems=(text,))


TEXTS = (
    st.text()
    | st.sampled_from([*payloads()][::50])
    | st.lists(st.sampled_from("`|\n\r#*_<>[]()!&@$\\~-=:. 1w"), max_size=12).map("".join)
)


def elements(page: str) -> list[str]:
    """What GitHub's own parser makes of a page, without its texts and the inside of its blocks."""
    html: str = cmarkgfm.github_flavored_markdown_to_html(page, OPTIONS)
    return re.findall(r"<[^>]*>", re.sub(r"(?s)(<pre[^>]*>).*?</pre>", r"\1</pre>", html))


@given(TEXTS)
def test_githubs_parser_sees_no_more_in_a_text_than_text(text: str) -> None:
    page = elements(summary(hostile(text), ABOUT))

    assert page == elements(summary(hostile("text"), ABOUT))
    assert page.count("<table>") == 1
    assert page.count('<pre lang="mermaid">') == 1


@given(TEXTS)
def test_a_text_changes_nothing_but_itself(text: str) -> None:
    assume(f"f{text}" not in f"m{text}")
    assume(explain_error(Fault(text)) is None)  # a known error has an explanation of its own

    assert skeleton(summary(hostile(text), ABOUT)) == skeleton(summary(hostile("text"), ABOUT))


@pytest.mark.parametrize(
    ("count", "piece", "outcome"),
    [
        *((1, piece, Outcome.FAILED) for piece in ("x", "@", "“∑”", "|\n`")),
        *((1_000, "@", outcome) for outcome in (Outcome.TIMED_OUT, Outcome.PLANNED)),
        (1_000, "∑", Outcome.FAILED),
        (1_000, "∑", Outcome.UNKNOWN),
        (1_000, "x", Outcome.SUCCEEDED),
    ],
)
def test_it_always_fits(count: int, piece: str, outcome: Outcome) -> None:
    text = (piece * 2000)[:2000]
    fault, spans = Fault(text, text, text), (Span(text, "Fail", NOON, None),) * 40
    results = tuple(
        ObjectResult(
            ObjectId(f"{n}"), outcome, RunId(f"{n:064d}"), text, "Running", text, text, url=URL, fault=fault,
            spans=spans,
        )
        for n in range(count)
    )  # fmt: skip

    page = summary(Report(Verdict.FAILED, results, problems=(text,) * count), ABOUT)

    assert len(page.encode()) < MOST_BYTES
    assert len(fences(page)) in {1, 2}
    assert page.count("<details>") == page.count("</details>")
    assert count == 1 or "the output `results` has all objects" in page


def test_all_that_can_be_said_at_once_fits() -> None:
    """Every kind of object at once, with inputs to copy for as many as are listed, and each with a cause of its own."""
    text = "∑" * 2000
    results = tuple(
        ObjectResult(
            ObjectId(f"{n:064d}"), outcome, None if outcome is Outcome.SKIPPED else RunId(f"{n:064d}"), text,
            "Fail" if outcome is Outcome.FAILED else "Running", f"{n}{text}", f"{n}{text}", url=URL,
            fault=Fault(f"{n}{text}", text, text), spans=(Span(text, "Fail", NOON, None),) * 40,
        )
        for n, outcome in enumerate(
            outcome for outcome in (Outcome.FAILED, Outcome.TIMED_OUT, Outcome.SKIPPED, Outcome.CREATED)
            for _ in range(500 if outcome is Outcome.SKIPPED else 250)
        )
    )  # fmt: skip

    page = summary(Report(Verdict.FAILED, results, problems=(text,) * 100), ABOUT)

    assert len(fences(page)) == 3
    assert len(page.encode()) < MOST_BYTES
    assert page.count("<details>") == page.count("</details>") > 2


def test_a_thousand_objects_are_all_there_and_the_failures_are_not_folded() -> None:
    results = tuple(
        ObjectResult(
            ObjectId(f"{7_567_482_277_219_412_494 + n}"), Outcome.FAILED if n % 250 == 249 else Outcome.SUCCEEDED,
            RunId(f"f21a7e87-a5c6-4f75-bc21-0f6afbc{n:05d}"), "4B8139C2-2300-405B-A56C-3E41053D2242", "Success", "PROD",
            "Run f21a7e87 ended as Fail." if n % 250 == 249 else "", url=URL, started_at=at(0), finished_at=at(n),
            spans=stages("BUILD_PACKAGE", "PROD_CHECK", "PROD"),
        )
        for n in range(1000)
    )  # fmt: skip

    page = summary(Report(Verdict.FAILED, results, 4180), ABOUT)

    shown, _, under_fold = page.partition("<details>")
    assert [row[1] for row in rows(shown)[1:5]] == ["❌ failed"] * 4
    assert len(rows(shown)) + len(rows(under_fold)) == 1000 + 2
    assert "**1,000 objects: 4 failed, 996 succeeded.**" in page
    assert "The slowest 6 of 1,000 objects." in page


def test_an_answer_that_the_message_quotes_is_not_quoted_again() -> None:
    fault = Fault("The token is over.", "InvalidSecurityToken", "R-1", 400)
    text = "Run r cannot be read (InvalidSecurityToken: The token is over), so its end is not known."
    page = summary(
        Report(
            Verdict.TIMED_OUT, (ObjectResult(ObjectId("1"), Outcome.TIMED_OUT, message=text, fault=fault),)
        )
    )

    assert page.count("The token is over") == 1
    assert "The answer was" not in page
