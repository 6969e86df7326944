"""The chart of stages: what is drawn, and that no name in it is more than a name."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.outcome import ObjectResult, Outcome
from dataworks_deploy.domain.spans import Span
from dataworks_deploy.render.gantt import MOST_ROWS, gantt

from ..witness.markdown import fences
from ..witness.mermaid import Chart, read_gantt

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEYWORDS = [
    "gantt", "title x", "section y", 'click a href "https://evil.invalid"', "call f()", 'href "x"', "%%{init: {}}%%",
    "accTitle: x", "accDescr { x }", "dateFormat X", "excludes weekends", "weekday monday", "todayMarker off", "a % b",
    "2026-01-01", "a:b;c#d,e", "---", "```", "~~~", "inclusiveEndDates", "topAxis", "x #quot; y", "$$x$$", "<br>", "",
    "displayMode: compact", "a\n```\n# out", ":done, 2026-01-01, 1d", "milestone", "vert", "\r\nsection z", "#", "∑",
]  # fmt: skip
NAMES = st.text() | st.sampled_from(KEYWORDS) | st.lists(st.sampled_from(KEYWORDS), min_size=2).map("".join)


def at(seconds: float) -> datetime:
    """So many seconds past noon."""
    return NOON + timedelta(seconds=seconds)


def entry(object_id: str, *spans: Span, finished: float | None = None) -> ObjectResult:
    """An object with these stages."""
    ended = None if finished is None else at(finished)
    return ObjectResult(ObjectId(object_id), Outcome.FAILED, spans=spans, finished_at=ended)


def drawn(*results: ObjectResult) -> tuple[int, Chart]:
    """How many objects the chart has, and what Mermaid makes of it."""
    shown, lines = gantt(results)
    ((info, text),) = fences("\n".join(lines))
    assert info == "mermaid"
    return shown, read_gantt(text)


def test_every_stage_is_a_bar_with_its_times_and_what_became_of_it() -> None:
    shown, chart = drawn(
        entry(
            "7567482277219412494",
            Span("BUILD_PACKAGE", "Success", at(0), at(12)),
            Span("PROD_CHECK", "Fail", at(13.5), at(20)),
        ),
        entry("7567482277219412495", Span("PROD", "Running", at(5)), finished=65),
    )

    assert shown == 2
    assert chart.settings[0] == "dateFormat YYYY-MM-DD HH:mm:ss.SSS"
    assert chart.sections == ["7567482277219412494", "7567482277219412495"]
    assert [bar.text for bar in chart.bars] == [
        "1. BUILD_PACKAGE 12 s",
        "2. PROD_CHECK 6.5 s, failed",
        "1. PROD 1 min 00 s, under way",
    ]
    assert [bar.tags for bar in chart.bars] == [(), ("crit",), ()]
    assert [(bar.began, bar.ended) for bar in chart.bars] == [
        (at(begin).replace(tzinfo=None), at(end).replace(tzinfo=None))
        for begin, end in [(0, 12), (13.5, 20), (5, 65)]
    ]


def test_the_longest_name_has_room_beside_the_bars() -> None:
    """A letter is less than eight pixels wide; Mermaid gives all names 75."""
    _, chart = drawn(
        *(entry(name, Span("A", "Success", at(0), at(1))) for name in ("1", "7567482277219412494"))
    )

    assert 19 * 8 < chart.room < 19 * 10


def test_while_the_step_is_under_way_a_bar_reaches_to_the_last_thing_known() -> None:
    _, chart = drawn(
        entry("1", Span("PROD", "Running", at(0))), entry("2", Span("PROD", "Success", at(1), at(30)))
    )

    assert chart.bars[0].ended == at(30).replace(tzinfo=None)


def test_what_took_no_time_is_seen_all_the_same() -> None:
    _, chart = drawn(entry("1", Span("A", "Success", at(0), at(0)), Span("B", "Success", at(0), at(100))))

    assert (chart.bars[0].ended - chart.bars[0].began).total_seconds() == 1


def test_of_too_many_objects_the_slowest_are_drawn_in_the_order_given() -> None:
    objects = [
        entry(str(n), Span("A", "Success", at(0), at(n)), Span("B", "Success", at(n), at(2 * n)))
        for n in range(99)
    ]

    shown, chart = drawn(*objects)

    assert shown == MOST_ROWS // 2
    assert chart.sections == [str(n) for n in range(99 - shown, 99)]


def test_one_object_with_too_many_stages_is_cut() -> None:
    shown, chart = drawn(
        entry("1", *(Span(str(n), "Success", at(n), at(n + 1)) for n in range(MOST_ROWS + 5)))
    )

    assert (shown, len(chart.bars)) == (1, MOST_ROWS)


def test_a_stage_whose_times_nobody_knows_is_left_out_and_keeps_its_number() -> None:
    over = Span("BUILD", "Success", at(0), at(0), timed=False)
    shown, chart = drawn(entry("1", over, Span("PROD", "Running", at(0))), entry("2", over))

    assert shown == 1
    assert chart.sections == ["1"]
    assert [bar.text.partition(" ")[0] for bar in chart.bars] == ["2."]


@pytest.mark.parametrize(
    ("seconds", "form", "interval"),
    [
        (0.5, "%H:%M:%S", "1second"),
        (6, "%H:%M:%S", "1second"),
        (7, "%H:%M:%S", "2second"),
        (180, "%H:%M:%S", "30second"),
        (181, "%H:%M", "1minute"),
        (3600, "%H:%M", "10minute"),
        (72 * 3600, "%H:%M", "12hour"),
        (100 * 3600, "%m-%d", "1day"),
    ],
)
def test_no_two_labels_of_the_axis_are_the_same(seconds: float, form: str, interval: str) -> None:
    """Mermaid labels ten moments by itself, also within one second."""
    _, chart = drawn(entry("1", Span("A", "Success", at(0), at(seconds))))

    assert chart.settings[1:3] == [f"axisFormat {form}", f"tickInterval {interval}"]


def test_the_axis_is_as_long_as_the_bars() -> None:
    """After its last stage an object may have waited for a person."""
    _, chart = drawn(entry("1", Span("A", "Success", at(0), at(6)), finished=600))

    assert "tickInterval 1second" in chart.settings


def test_where_no_stage_was_seen_there_is_no_chart() -> None:
    assert gantt([]) == gantt([entry("1")]) == (0, [])


@pytest.mark.parametrize("name", KEYWORDS)
def test_a_keyword_is_a_name(name: str) -> None:
    _, chart = drawn(entry(name, Span(name, "Running", at(0), at(1))))

    assert (len(chart.sections), len(chart.bars)) == (1, 1)


@given(
    st.lists(
        st.tuples(NAMES, NAMES, st.sampled_from(["Success", "Fail", "Running"])),
        min_size=1,
        max_size=MOST_ROWS,
    )
)
def test_no_name_draws_anything_but_its_own_bar(names: list[tuple[str, str, str]]) -> None:
    objects = {
        object_id: entry(object_id, Span(code, status, at(0), at(1))) for object_id, code, status in names
    }

    shown, chart = drawn(*objects.values())

    assert shown == len(chart.sections) == len(chart.bars) == len(objects)
    assert all(bar.text.startswith("1. ") for bar in chart.bars)
