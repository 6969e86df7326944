"""The job summary: what it says, in which order, how long it is, and that texts stay only texts."""

import re
from collections.abc import Callable
from pathlib import Path

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import assume, given
from hypothesis import strategies as st

from dataworks_deploy.domain.ending import Fault, Symptom
from dataworks_deploy.domain.error import row_in
from dataworks_deploy.domain.model import STATUSES, Node, ObjectId, Run, RunId
from dataworks_deploy.domain.outcome import ROWS, Outcome, Verdict
from dataworks_deploy.domain.reason import Inside, StageReached
from dataworks_deploy.domain.record import Record, Unread
from dataworks_deploy.domain.secrets import scrubbed
from dataworks_deploy.render.markup import COMMENT, duration
from dataworks_deploy.render.report import About, Report
from dataworks_deploy.render.summary import summary
from dataworks_deploy.render.texts import data_studio

from ...witness.markdown import fences, skeleton
from ..test_payloads import payloads
from .records import (
    DENIED,
    at,
    called,
    conflict,
    failed,
    lacking,
    named,
    of_each_outcome,
    orders,
    own,
    planned,
    read,
    refused,
    run_of,
    staged,
    stopped,
    succeeded,
    unchanged,
    unknown,
    unsent,
    unstarted,
    waiting,
)

ABOUT = About("Online", 10001, "cn-shanghai", data_studio("cn-shanghai", 10001))
# The rendered page of `MIXED`, so that people can review its changes.
EXAMPLE = Path(__file__).with_name("summary.md")
MOST_BYTES = 900 * 1024
OPTIONS = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_GITHUB_PRE_LANG
OBJECTS = [str(7567482277219412494 + n) for n in range(1000)]


def built(name: str, until: int) -> Record:
    """An object whose run has passed this many stages, ten seconds each."""
    record = own(name)
    for n in range(until):
        for status, seconds in (("Running", 10 * n), ("Success", 10 * n + 10)):
            record = read(record, "Running", *["Success"] * n, status, after=seconds)
    return record


def checked(name: str) -> Record:
    """An object whose run is at its check."""
    return read(built(name, 1), "Running", "Success", "Running")


MIXED = Report(
    Verdict.UNKNOWN,
    (
        succeeded(built(OBJECTS[0], 3), 31.4),
        failed(checked(OBJECTS[1]), "table dw.orders does not exist", after=20.8),
        refused(OBJECTS[2]),
        waiting(built(OBJECTS[3], 2), after=600),
        unknown(OBJECTS[4]),
        unstarted(OBJECTS[5]),
    ),
    api_calls=57,
)


def reached(name: str) -> Record:
    """An object whose run was left open at the stage that until-stage names."""
    record = built(name, 2)
    run = run_of(record.run_id, "Running", "Success", "Success")
    return record.ended(Outcome.CREATED, StageReached(run, run.ordered[1]), at(20))


def rows(page: str) -> list[list[str]]:
    """The cells of all rows of the page's tables."""
    plain = page.replace("\u00a0", " ")
    lines = [line for line in plain.split("\n") if line.startswith("| ") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def page_of(*records: Record, verdict: Verdict = Verdict.FAILED) -> str:
    """The page of a step with these objects."""
    return summary(Report(verdict, records), ABOUT)


def test_the_rendered_page_equals_the_example() -> None:
    assert summary(MIXED, ABOUT) == EXAMPLE.read_text("utf-8")


def test_urgent_outcomes_come_first_and_have_the_names_of_the_outputs() -> None:
    shown = [row[1].partition(" ")[2] for row in rows(page_of(*of_each_outcome().values()))[1:]]

    assert shown == [outcome.value for outcome in ROWS]
    assert shown[:2] == ["unknown", "failed"]


@pytest.mark.parametrize("verdict", Verdict)
def test_the_first_lines_name_the_verdict(verdict: Verdict) -> None:
    head = summary(Report(verdict)).split("\n")

    assert head[0].endswith(f"DataWorks Deploy: {verdict.value.replace('_', ' ')}")
    assert head[0].startswith("## ✅") == (verdict.exit_status == 0)
    assert len(head[2]) > 20


def test_the_name_is_the_link_and_the_id_is_beside_it() -> None:
    page = page_of(orders(failed(own("1"))), failed(own("2")), orders(planned("3")))

    assert rows(page)[1][0] == f"[dwd&#95;orders&#95;di]({ABOUT.url}) (1)"
    assert rows(page)[2][0] == f"[2]({ABOUT.url})"
    assert "- **dwd&#95;orders&#95;di (3)**: Would create" in page


def test_mistakes_in_the_inputs_are_all_named() -> None:
    page = summary(Report(Verdict.INVALID, problems=("project-id: is required.", "region: is required.")))

    assert "- project-id&#58; is required.\n- region&#58; is required.\n" in page
    assert rows(page) == []


def test_a_plan_is_shown_and_a_note_about_several_objects_is_shown_once() -> None:
    page = page_of(*(reached(f"{n}") for n in range(12)), planned("x"))

    assert page.count("Stage PROD&#95;CHECK has succeeded.") == 1
    assert "- **0**, **1**, " in page
    assert "**9** and 2 more: Stage" in page
    assert "- **x**: Would create a run for object x." in page


def test_the_note_about_unchanged_objects_is_shown_once_for_all() -> None:
    page = page_of(*(unchanged(f"{n}") for n in range(30)), verdict=Verdict.UNCHANGED)

    assert page.count("Nothing has changed") == 1
    assert "and 20 more: Production already" in page


def test_a_page_without_a_failure_fits_a_screen() -> None:
    """The table, and the folded chart. After a failure the chart is open, below the advice."""
    page = page_of(*(succeeded(own(f"{n}")) for n in range(5)), verdict=Verdict.SUCCEEDED)
    before, _, folded = page.partition("<details>\n<summary>Where the time went</summary>\n")

    assert len(before.splitlines()) <= 15
    assert "```mermaid" in folded
    assert "\n### Where the time went\n" in page_of(failed(own("1")))


def test_the_page_of_a_killed_step_says_that_it_shows_the_last_known_state() -> None:
    record = read(own("1")).left_by_a_kill()
    page = summary(Report(Verdict.CANCELLED, (record,), as_of=at(3723)))

    assert page.startswith("## ⚠️ DataWorks Deploy: cut off\n\nThe step was killed before")
    assert "This page shows the state at 13:02:03 UTC" in page
    assert "Runs that may still be open: 1." in page


def test_only_the_beginning_of_a_long_answer_is_quoted() -> None:
    """Some answers quote the refused request with its signature."""
    page = page_of(
        refused("1", Fault("Refused. " * 60 + "Authorization: ACS3-HMAC-SHA256 Signature=12", "Echo"))
    )

    assert "Echo&#58; Refused. Refused." in page
    assert "Signature" not in page


def test_a_chart_says_what_it_leaves_out() -> None:
    left_out = "Stages that were over before the first reading are left out."

    assert left_out not in page_of(stopped(built("1", 1)))
    assert left_out in page_of(stopped(read(named("1"), "Running", "Success", "Running")))
    assert "The slowest 6 of 9 objects." in page_of(*(stopped(built(f"{n}", 3)) for n in range(9)))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0.0 s"), (0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"),
     (3599, "59 min 59 s"), (3600, "1 h 00 min"), (90_000, "25 h 00 min")],
)  # fmt: skip
def test_times_are_in_a_form_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def spoken(record: Record, text: str) -> Record:
    """The record with this text before all its texts, except for statuses, because these decide the words."""
    return scrubbed(record, lambda each: each if each in STATUSES or not each else f"{text}{each}")


ENDS = [
    failed(built("1", 2), "no"),
    failed(built("2", 2), "none"),
    stopped(read(own("3"), "Running", "Success", "Fail")),
    stopped(own("4").reading_failed(Unread(3, DENIED))),
    refused("5"),
    unsent("6", Fault(symptom=Symptom.NAME_UNKNOWN, detail="host")),
    unknown("7", Fault("no answer", "Odd", "R-1", 502)),
    conflict("8", Run(RunId("other"), "Running", creator="somebody")),
    waiting(own("9")),
    lacking(own("10")),
    reached("11"),
    planned("12"),
    unstarted("13"),
    refused("14").noted(Inside(Node("folder/node", "workflow"))),
    orders(refused("15", Fault("", "Odd"))),
    called(failed(built("16", 2)), "a"),
    orders(planned("17")),
    orders(Record(ObjectId("18"))).kept_back(called(failed(own("19")), "b")),
]


def hostile(text: str) -> str:
    """A page in which every text of the service and of the user begins with this text."""
    return summary(
        Report(Verdict.FAILED, tuple(spoken(each, text) for each in ENDS), problems=(text,)), ABOUT
    )


TEXTS = (
    st.text(min_size=1)
    | st.sampled_from([*payloads()][::50])
    | st.lists(st.sampled_from("`|\n\r#*_<>[]()!&@$\\~-=:. 1w"), min_size=1, max_size=12).map("".join)
)


def elements(page: str) -> list[str]:
    """The elements that GitHub's own parser finds in a page, without texts and the content of blocks."""
    html: str = cmarkgfm.github_flavored_markdown_to_html(page, OPTIONS)
    return re.findall(r"<[^>]*>", re.sub(r"(?s)(<pre[^>]*>).*?</pre>", r"\1</pre>", html))


@given(TEXTS)
def test_every_text_is_only_text_for_githubs_parser_and_for_people(text: str) -> None:
    assume(row_in(text) is None)  # a known error has its own advice
    page, plain = hostile(text), hostile("text")

    assert elements(page) == elements(plain)
    assert elements(page).count("<table>") == 1
    assert elements(page).count('<pre lang="mermaid">') == 1
    assert skeleton(page) == skeleton(plain)


class TestTheSizeOfThePage:
    @pytest.mark.parametrize(
        ("count", "piece", "end"),
        [
            *((1, piece, failed) for piece in ("x", "@", "“∑”", "|\n`")),
            (1_000, "@", stopped),
            *(
                pytest.param(1_000, piece, end, marks=pytest.mark.long)
                for piece, end in (("@", waiting), ("∑", failed), ("x", succeeded))
            ),
        ],
    )
    def test_the_page_is_always_within_the_limit(
        self, count: int, piece: str, end: Callable[[Record], Record]
    ) -> None:
        text = (piece * 2000)[:2000]
        stages = [(f"{n}", "Success", n, n + 0.5) for n in range(40)]
        template = end(staged(own("1"), *stages))
        records = tuple(spoken(template, f"{n}{text}") for n in range(count))

        page = summary(Report(Verdict.FAILED, records, problems=(text,) * count), ABOUT)

        assert len(page.encode()) < MOST_BYTES
        assert len(fences(page)) in {1, 2}
        assert page.count("<details>") == page.count("</details>")
        assert count == 1 or "the output `results` has all objects" in page

    def test_the_longest_possible_page_is_within_the_limit(self) -> None:
        """All kinds of objects, each with a different cause, and inputs to copy for as many as can be listed."""
        text = "∑" * 2000
        ends = [failed(built("1", 3)), stopped(built("1", 3)), unstarted("1"), unstarted("1"), reached("1")]
        records = tuple(spoken(each, f"{n}-{text}") for each in ends for n in range(250))
        given = tuple(stopped(read(own(f"{n:064}", run_id=f"{n:064}"))) for n in range(250))

        page = summary(Report(Verdict.FAILED, records + given, problems=(text,) * 100), ABOUT)

        assert len(page.encode()) < MOST_BYTES
        assert page.count("<details>") == page.count("</details>") > 2

        comment = summary(Report(Verdict.FAILED, records + given, problems=(text,) * 100), ABOUT, COMMENT)

        assert len(comment.encode()) <= 60_000
        assert comment.count("<details>") == comment.count("</details>")
        assert {len(row) for row in rows(comment)} == {6}
        assert {name for name, _ in fences(comment)} <= {"yaml", "mermaid"}

    def test_a_thousand_objects_are_all_shown_and_the_failures_are_not_folded(self) -> None:
        records = [failed(own(name)) if name.endswith("42") else succeeded(own(name)) for name in OBJECTS]

        page = page_of(*records)

        shown, _, folded = page.partition("<details>")
        assert [row[1] for row in rows(shown)[1:11]] == ["❌ failed"] * 10
        assert len(rows(shown)) + len(rows(folded)) == 1000 + 2
        assert "**1,000 objects: 10 failed, 990 succeeded.**" in page
