"""The job summary in a real browser: what it shows, that no text is active, and that it fits a telephone."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from pathlib import Path

import pytest

from dataworks_deploy.domain.model import DeployType, ObjectId, Run, RunId, Stage
from dataworks_deploy.domain.outcome import Outcome, Verdict
from dataworks_deploy.domain.reason import InFlight, RunEnded, Succeeded
from dataworks_deploy.domain.reconcile import Claim, Mark
from dataworks_deploy.domain.record import Record, Whose
from dataworks_deploy.domain.studio.catalog import Kind, StudioObject
from dataworks_deploy.domain.studio.dependencies import Dependencies
from dataworks_deploy.domain.studio.graph import Edge, Graph
from dataworks_deploy.domain.studio.plan import lay_out
from dataworks_deploy.domain.studio.selection import Selected, Selection
from dataworks_deploy.render.markup import told_apart
from dataworks_deploy.render.preview import MOST_LABEL
from dataworks_deploy.render.report import About, Report
from dataworks_deploy.render.summary import summary
from dataworks_deploy.render.texts import data_studio
from pictures.browser import Seen, installed, look
from pictures.page import PACKAGES, Theme, page

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TELEPHONE, DESK = 400, 900  # pixels
OURS = {
    *("main", "div", "svg", "h2", "h3", "p", "strong", "ul", "li", "a", "pre", "code", "details", "summary"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
HOSTILE = (
    "<script>document.title='alive'</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)' onclick=alert(2)>x</a>",
    "<svg onload=alert(1)><style>*{display:none}</style></svg>",
    "<iframe srcdoc='<b>x</b>'></iframe><details open ontoggle=alert(1)>",
    "</details></table></main><h1>Deployed</h1>",
    "[x](javascript:alert(1)) ![x](https://evil.example/x.png) <https://evil.example>",
    "https://evil.example www.evil.example somebody@evil.example @somebody",
    '```\n# out\n```mermaid\ngantt\nclick x href "https://evil.example"\n```',
    '%%{init: {"securityLevel": "loose"}}%% click a call alert(1)',
    "| a | b |\n| - | - |\n| c | d |",
    "$$\\href{javascript:alert(1)}{x}$$ <!-- ",
    "节点存在子节点 " + "很长" * 200,
    "x" * 900,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not installed(), reason="no Chromium is installed"),
    pytest.mark.skipif(not PACKAGES.is_dir(), reason="the pages' packages are not installed: make browser"),
]
Look = Callable[..., Seen]


@pytest.fixture
def see(tmp_path: Path) -> Look:
    """Opens a summary in a browser window of this width."""

    def see(text: str, theme: Theme = "light", width: int = DESK) -> Seen:
        file = tmp_path / "page.html"
        file.write_text(page(text, theme), "utf-8")
        return look(file, width)

    return see


@pytest.fixture(scope="session")
def demonstrated() -> str:
    """The summary that `make demo` leaves."""
    subprocess.run(["make", "demo"], cwd=ROOT, check=True, capture_output=True)
    return (ROOT / "build/demo/summary.md").read_text("utf-8")


def deployed(text: str, number: int, status: str) -> Record:
    """An object with two stages whose run has ended with this status. All texts of the service are this text."""
    stages = [Stage(text, text, 1, "Build", "Success"), Stage(f"{text}.", text, 2, "Check", status, text)]
    run = Run(RunId(text), status, text, text, text, stages=tuple(stages))
    under_way = Run(RunId(text), "Running", stages=(replace(stages[0], status="Running"),))
    record = Record(ObjectId(text)).begun(NOON).requested(InFlight(Mark("A" * 26, 1)), text, NOON)
    record = (
        record.answered(text)
        .opened(RunId(text), Whose.OWN, adopted=False, claim=Claim(Mark("A" * 26, 1)))
        .read(under_way, NOON)
    )
    end = NOON + timedelta(seconds=9 + number)
    record = record.read(run, end)
    if status == "Success":
        return record.ended(Outcome.SUCCEEDED, Succeeded(), end)
    return record.ended(Outcome.FAILED, RunEnded(run), end)


def hostile() -> str:
    """A report in which all texts from outside try to be more than text."""
    url = data_studio("cn-shanghai", 12345)
    records = tuple(deployed(text, number, "Fail") for number, text in enumerate(HOSTILE))
    return summary(Report(Verdict.FAILED, records, 9, HOSTILE), About("Online", 12345, "cn-shanghai", url))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [TELEPHONE, DESK])
def test_the_demonstration_has_its_rows_and_its_chart(
    see: Look, demonstrated: str, theme: Theme, width: int
) -> None:
    seen = see(demonstrated, theme, width)

    assert seen.errors == []
    assert seen.rows == [3]
    (chart,) = seen.charts
    assert chart["bars"] == 9, "three objects of three stages"
    assert {*chart["texts"]} >= {"dwd_sales", "ods_orders", "ods_users"}
    assert "succeeded" in seen.headings[0]
    assert seen.tooWide == 0


@pytest.mark.parametrize("width", [TELEPHONE, DESK])
def test_no_part_of_a_hostile_text_is_active(see: Look, width: int) -> None:
    """GitHub cleans the pages that it shows. This page is not cleaned, so the test does not depend on that."""
    seen = see(hostile(), "light", width)

    assert seen.errors == []
    assert seen.elements.keys() <= OURS, seen.elements.keys() - OURS
    assert seen.handlers == []
    assert set(seen.links) == {data_studio("cn-shanghai", 12345)}
    assert seen.rows == [len(HOSTILE)]
    assert not [heading for heading in seen.headings if heading in {"out", "Deployed"}]
    assert len(seen.charts) == 1
    assert seen.tooWide == 0


@pytest.mark.parametrize("width", [TELEPHONE, DESK])
def test_a_preview_has_its_rows_and_its_graph_and_no_name_is_active(see: Look, width: int) -> None:
    names = ("dwd_orders", "__b__ _x_", "1. a", "- b", "end", "订单", *HOSTILE)
    objects = [StudioObject(ObjectId(f"{n}"), Kind.NODE, name, name) for n, name in enumerate(names)]
    edges = tuple(Edge(one.id, other.id) for one, other in pairwise(objects))
    graph = Graph(tuple(each.id for each in objects), edges)
    selection = Selection(tuple(map(Selected, objects)))
    plan = lay_out(selection, Dependencies(graph), project_id=12345, type_=DeployType.ONLINE)

    seen = see(summary(Report(Verdict.PLANNED, preview=plan), About("Online", dry_run=True)), "light", width)

    assert seen.errors == []
    assert seen.elements.keys() <= OURS, seen.elements.keys() - OURS
    assert (seen.handlers, seen.links) == ([], [])
    assert seen.rows == [len(names)]
    (chart,) = seen.charts
    assert [box.split(" ", 1)[1] for box in chart["boxes"]] == told_apart(
        [(each.name, each.id) for each in objects], MOST_LABEL
    )
    assert seen.tooWide == 0


def test_hostile_texts_can_still_be_read(see: Look) -> None:
    text = see(hostile()).text

    for piece in (
        "<script>document.title='alive'</script>",
        "[x](javascript:alert(1))",
        "| c | d |",
        "</table>",
    ):
        assert piece in text, piece


def test_a_long_report_is_folded_and_fits_a_telephone(see: Look) -> None:
    records = tuple(deployed(f"{10**18 + n}", 0, "Success") for n in range(300))

    seen = see(summary(Report(Verdict.SUCCEEDED, records, 9)), "light", TELEPHONE)

    assert sum(seen.rows) == 300
    assert "275 more" in seen.text
    assert seen.charts[0]["bars"] <= 20
    assert seen.tooWide == 0


def test_these_tests_would_see_active_elements_and_errors(see: Look) -> None:
    """Otherwise the other tests would prove nothing."""
    seen = see(
        f"<b onclick=x>alive</b> [x](javascript:alert)\n\n<pre lang='mermaid'>nonsense</pre><p>{'x' * 999}"
    )

    assert "onclick" in seen.handlers
    assert "b" in seen.elements
    assert seen.links == ["javascript:alert"]
    assert len(seen.errors) == 1


def test_the_pictures_of_the_readme_exist(tmp_path: Path) -> None:
    for theme, name in product(("light", "dark"), ("summary", "preview")):
        for ending, readme in (("", "README.md"), ("-zh", "README.zh-CN.md")):
            picture = f"docs/pictures/{name}{ending}-{theme}.png"
            assert (ROOT / picture).stat().st_size < 400_000
            assert picture in (ROOT / readme).read_text("utf-8")
