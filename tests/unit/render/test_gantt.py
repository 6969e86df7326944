"""The chart of stages: what it shows, and that every name in it is only a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.record import Record
from dataworks_deploy.render.summary import MOST_ROWS, gantt

from ...witness.markdown import fences
from ...witness.mermaid import Chart, read_gantt
from .records import at, called, named, own, read, staged, stopped

KEYWORDS = [
    "gantt", "title x", "section y", 'click a href "https://evil.invalid"', "call f()", 'href "x"', "%%{init: {}}%%",
    "accTitle: x", "accDescr { x }", "dateFormat X", "excludes weekends", "weekday monday", "todayMarker off", "a % b",
    "2026-01-01", "a:b;c#d,e", "---", "```", "~~~", "inclusiveEndDates", "topAxis", "x #quot; y", "$$x$$", "<br>", "",
    "displayMode: compact", "a\n```\n# out", ":done, 2026-01-01, 1d", "milestone", "vert", "\r\nsection z", "#", "∑",
]  # fmt: skip
NAMES = st.text() | st.sampled_from(KEYWORDS) | st.lists(st.sampled_from(KEYWORDS), min_size=2).map("".join)


def entry(name: str, *stages: tuple[str, str, float, float | None], finished: float | None = None) -> Record:
    """An object with these stages. Its work ended at `finished`, or still goes on."""
    record = staged(own(name), *stages)
    return record if finished is None else stopped(record, after=finished)


def drawn(*records: Record) -> tuple[int, Chart]:
    """The number of objects in the chart, and the chart as Mermaid reads it."""
    shown, lines = gantt(records)
    ((info, text),) = fences("\n".join(lines))
    assert info == "mermaid"
    return shown, read_gantt(text)


def test_every_stage_is_a_bar_with_its_times_and_its_result() -> None:
    shown, chart = drawn(
        entry(
            "7567482277219412494",
            ("BUILD_PACKAGE", "Success", 0, 12),
            ("PROD_CHECK", "Fail", 13.5, 20),
        ),
        entry("7567482277219412495", ("PROD", "Running", 5, None), finished=65),
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


def test_names_are_before_the_bars_and_equal_names_have_their_ids() -> None:
    bar = ("A", "Success", 0, 1)
    records = [
        entry("1", bar),
        *(called(entry(n, bar), name) for n, name in [("2", "a"), ("3", "b"), ("4", "a")]),
    ]

    assert drawn(*records)[1].sections == ["1", "a 2", "b", "a 4"]


def test_a_wide_letter_gets_more_room() -> None:
    rooms = [
        drawn(called(entry("1", ("A", "Success", 0, 1)), name * 20))[1].room for name in ("x", "订", "ｘ")
    ]

    assert rooms == [180, 260, 260]


def test_the_longest_name_has_room_beside_the_bars() -> None:
    """A letter is less than eight pixels wide. By default Mermaid has only 75 pixels for names."""
    _, chart = drawn(*(entry(name, ("A", "Success", 0, 1)) for name in ("1", "7567482277219412494")))

    assert 19 * 8 < chart.room < 19 * 10


def test_while_the_step_is_running_a_bar_reaches_to_the_last_known_time() -> None:
    _, chart = drawn(entry("1", ("PROD", "Running", 0, None)), entry("2", ("PROD", "Success", 1, 30)))

    assert chart.bars[0].ended == at(30).replace(tzinfo=None)


def test_a_stage_that_took_no_time_is_still_visible() -> None:
    _, chart = drawn(entry("1", ("A", "Success", 0, 0), ("B", "Success", 0, 100)))

    assert (chart.bars[0].ended - chart.bars[0].began).total_seconds() == 1


def test_of_too_many_objects_the_slowest_are_drawn_in_the_given_order() -> None:
    objects = [entry(str(n), ("A", "Success", 0, n), ("B", "Success", n, 2 * n)) for n in range(99)]

    shown, chart = drawn(*objects)

    assert shown == MOST_ROWS // 2
    assert chart.sections == [str(n) for n in range(99 - shown, 99)]


def test_one_object_with_too_many_stages_is_cut() -> None:
    shown, chart = drawn(entry("1", *((str(n), "Success", n, n + 1) for n in range(MOST_ROWS + 5))))

    assert (shown, len(chart.bars)) == (1, MOST_ROWS)


def test_a_stage_without_known_times_is_left_out_and_keeps_its_number() -> None:
    under_way = read(named("1"), "Running", "Success", "Running")
    shown, chart = drawn(under_way, read(named("2"), "Running", "Success"))

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
    """By default Mermaid labels ten moments, even within one second."""
    _, chart = drawn(entry("1", ("A", "Success", 0, seconds)))

    assert chart.settings[1:3] == [f"axisFormat {form}", f"tickInterval {interval}"]


def test_the_axis_is_as_long_as_the_bars() -> None:
    """After its last stage an object may have waited for a person."""
    _, chart = drawn(entry("1", ("A", "Success", 0, 6), finished=600))

    assert "tickInterval 1second" in chart.settings


def test_if_no_stage_was_seen_there_is_no_chart() -> None:
    assert gantt([]) == gantt([entry("1")]) == (0, [])


@given(
    st.lists(
        st.tuples(NAMES, NAMES, st.sampled_from(["Success", "Fail", "Running"])),
        min_size=1,
        max_size=MOST_ROWS,
    )
)
def test_no_id_and_no_stage_name_draws_more_than_its_own_bar(names: list[tuple[str, str, str]]) -> None:
    objects = {object_id: entry(object_id, (code, status, 0, 1)) for object_id, code, status in names}

    shown, chart = drawn(*objects.values())

    assert shown == len(chart.sections) == len(chart.bars) == len(objects)
    assert all(bar.text.startswith("1. ") for bar in chart.bars)


@given(st.lists(NAMES, min_size=1, max_size=MOST_ROWS))
def test_no_name_of_an_object_draws_more_than_its_own_bar(names: list[str]) -> None:
    shown, chart = drawn(
        *(called(entry(str(n), ("A", "Success", 0, 1)), name) for n, name in enumerate(names))
    )

    assert shown == len({*chart.sections}) == len(chart.bars) == len(names)
