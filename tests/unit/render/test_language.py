"""All texts for people exist in Chinese too, with the same facts."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataworks_deploy.domain.event import Event
from dataworks_deploy.domain.model import DeployType, Language, Run, RunId, Stage
from dataworks_deploy.domain.outcome import Outcome, Verdict
from dataworks_deploy.domain.problem import Doubt, NotANumber, NotOneOf, Nulls, Problem
from dataworks_deploy.domain.reason import Note, OtherType, Reason
from dataworks_deploy.domain.record import Record
from dataworks_deploy.domain.studio import problem as studio
from dataworks_deploy.domain.studio.catalog import Kind
from dataworks_deploy.domain.studio.operations import AnyOperation
from dataworks_deploy.render import (
    advice,
    choosing,
    continuing,
    events,
    language,
    problems,
    reasons,
    step,
    summary,
)
from dataworks_deploy.render.chinese import CHINESE
from dataworks_deploy.render.report import About, Report
from tests.unit.render.records import own, read, stopped, succeeded, unstarted
from tests.unit.render.values import drawn, members

RENDER = Path(language.__file__).parent
# Code of other languages, and texts that the code searches for in a sentence.
NO_WORDS = (
    "```",
    "dateFormat",
    "todayMarker",
    "flowchart",
    "DataWorks",
    "Look for the run",
    "re-run the job",
)
UNCOUNTED = {"more object", "more mistake", "API call"}  # the beginnings of the names of counted things
NO_SPEAKERS = {"chinese", "language", "outputs", "state", "report", "__init__"}
FACT, TAG = re.compile(r"\{[^{}]*\}"), re.compile(r"</?\w+>")
# What the rules of typesetting forbid where a fact meets a sentence.
UNSET = re.compile(
    "[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]|[，。；：、（）] | [，。；：、（）]"
)
PLAIN = re.compile(r"[A-Za-z]{2,}")
WORD = re.compile(r"[A-Za-z][A-Za-z-]+")  # a name with hyphens is one


def sentences() -> dict[str, str]:
    """The sentences of the renderers with the names of their modules: all string values of two words or more."""
    return {
        text: path.stem
        for path in RENDER.glob("*.py")
        if path.stem not in NO_SPEAKERS
        for text in _strings(path)
        if len(PLAIN.findall(text)) > 1
        and " " in text.strip()
        and not text.startswith(NO_WORDS)
        and text not in UNCOUNTED
    }


def _strings(path: Path) -> Iterator[str]:
    names = vars(import_module(f"dataworks_deploy.render.{path.stem}"))
    tree = ast.parse(path.read_text("utf-8"))
    apart = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            apart |= {id(each) for each in ast.walk(node)} - {id(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart:
            yield node.value
        elif isinstance(node, ast.JoinedStr) and id(node) not in apart and _is_constant(node):
            # A sentence that contains other constants.
            yield eval(compile(ast.Expression(node), path.name, "eval"), names)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "number":
            things = [str(each.value) for each in ast.walk(node.args[1]) if isinstance(each, ast.Constant)]
            yield from (f"{{count:,}} {thing}{plural}" for thing in things for plural in ("", "s"))
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"say", "word"}:
            yield from (str(each.value) for each in node.args if isinstance(each, ast.Constant))


def _is_constant(node: ast.JoinedStr) -> bool:
    parts = [each.value for each in node.values if isinstance(each, ast.FormattedValue)]
    return all(isinstance(each, ast.Name) and each.id.isupper() for each in parts)


def places(text: str) -> list[tuple[str | None, str | None, str | None]]:
    """The variable parts of a sentence, and their formats."""
    return sorted((each[1:] for each in Formatter().parse(text) if each[1] is not None), key=str)


@pytest.fixture
def chinese() -> Iterator[None]:
    language.speak(Language.CHINESE)
    yield
    language.speak(Language.ENGLISH)


def test_each_sentence_has_a_chinese_one() -> None:
    assert [(module, text) for text, module in sentences().items() if text not in CHINESE] == []


def test_each_chinese_sentence_is_used() -> None:
    said = {text for path in RENDER.glob("*.py") if path.stem != "chinese" for text in _strings(path)}
    words = {
        text for each in (*Outcome, *Verdict, *Kind) for text in (each.value, each.value.replace("_", " "))
    } | {"seconds", "minutes"}
    undone = {each.replace("deploy", "undeploy") for each in said}
    assert CHINESE.keys() - said - words - undone == set()


def test_both_languages_have_the_same_variable_parts() -> None:
    assert [each for each, text in CHINESE.items() if places(text) != places(each)] == []


def test_no_full_stop_follows_a_mark_because_people_copy_it() -> None:
    assert [text for pair in CHINESE.items() for text in pair if re.search(r"\{mark\}[.。]", text)] == []


def test_a_chinese_sentence_ends_with_a_full_stop_if_the_english_one_does() -> None:
    ends = ("。", "}")
    assert [each for each, text in CHINESE.items() if each.endswith(".") and not text.endswith(ends)] == []


def test_the_sentences_follow_the_rules_of_chinese_typesetting() -> None:
    """Chinese punctuation, no space between two Chinese characters, and a space between Chinese and other words."""
    han = "\u4e00-\u9fff"
    wrong = (f"[{han}][,;:!?](?=[{han}])", f"[。，；：、（] (?=[{han}])", f"[{han}] (?=[{han}。，；：、）])")
    joined = (f"[{han}](?=[A-Za-z0-9`])", f"[A-Za-z0-9`](?=[{han}])")
    odd = re.compile("|".join((*wrong, *joined)))
    texts = [FACT.sub("…", text) for text in CHINESE.values()]
    assert [(text, odd.findall(text)) for text in texts if odd.search(text)] == []


def test_inputs_codes_and_commands_have_the_same_names() -> None:
    """Names that people copy or search for are in both languages."""
    names = re.compile(r"`[^`]+`|[a-z]+(?:-[a-z]+)+:? ?(?:true|false|[a-z]+)?\b|[A-Z]{2,}(?:_[A-Z]+)+")
    lost = {
        (found, english)
        for english, text in CHINESE.items()
        for found in names.findall(english)
        if found.startswith("`") or "_" in found
        if found not in text
    }
    assert lost == set()


# ---- rendered

FEW = settings(max_examples=5)  # of each kind


# Names of inputs, values, codes and programs, and the service's own names.
ALLOWED = {each for text in CHINESE.values() for each in WORD.findall(FACT.sub("", text))} | {
    *(
        "api",
        "dwd",
        "seven",
        "e-",
        "Check",
        "Running",
        "Success",
        "Fail",
        "Init",
        "Cancel",
        "Termination",
        "None",
    ),
    *(each.value for kind in (DeployType, Kind) for each in kind),
}


CALLS = {kind.__name__ for kind in members(AnyOperation)}


def english_in(text: str) -> list[str]:
    """English words that are not names."""
    return [each for each in WORD.findall(TAG.sub("", text)) if each not in ALLOWED and not each.isupper()]


def test_an_english_word_would_be_found() -> None:
    assert english_in("发布流程 7 was abolished") == ["was", "abolished"]
    assert not ALLOWED & {
        "the",
        "is",
        "was",
        "run",
        "stage",
        "and",
        "of",
        "not",
        "object",
        "for",
        "with",
        "because",
    }


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("kind", sorted({*members(Reason), *members(Note), *members(Event)}, key=str))
@FEW
@given(data=st.data())
def test_reasons_notes_and_events_are_in_chinese(kind: Any, data: st.DataObject) -> None:
    value = data.draw(drawn(kind, st.just("7")))
    say: Any = reasons.said if kind in members(Reason) else events.line
    text = say(value)
    assert [each for each in english_in(text) if each not in CALLS] == []
    assert UNSET.findall(text) == []


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("kind", sorted({*members(Problem), *members(Doubt)} - {type(None)}, key=str))
@FEW
@given(data=st.data())
def test_problems_of_the_inputs_are_in_chinese(kind: Any, data: st.DataObject) -> None:
    given_in = "run-ids" if kind is Nulls else "7"
    assert english_in(problems.said(data.draw(drawn(kind, st.just(given_in))))) == []


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (NotOneOf("wait", "'x'", ("true", "false")), "wait：只能是 true 或 false（现为 'x'）。"),
        (NotOneOf("type", "'x'", ("a", "b", "c")), "type：只能是 a、b 或 c（现为 'x'）。"),
        (NotOneOf("language", "'x'", ("en",)), "language：只能是 en（现为 'x'）。"),
        (
            NotANumber("poll-seconds", "'x'", 1, 3600, "seconds", or_auto=True),
            "poll-seconds：'x' 既不是 1 到 3600 之间的秒数，也不是 auto。",
        ),
        (
            NotANumber("timeout-minutes", "'x'", 1, 360, "minutes", or_auto=False),
            "timeout-minutes：'x' 不是 1 到 360 之间的分钟数。",
        ),
    ],
)
def test_what_an_input_takes_is_said_as_people_say_it(problem: Problem, said: str) -> None:
    assert problems.said(problem) == said


@pytest.mark.usefixtures("chinese")
def test_things_and_statements_have_different_marks_between_them() -> None:
    stages = (Stage("BUILD", "", 1, "Build", "Init"), Stage("OFFLINE", "", 2, "Offline", "Init"))
    run = Run(RunId("7"), "Init", stages=stages)
    report = Report(Verdict.FAILED, (succeeded(own("1")), unstarted("2")), 3)

    assert reasons.said(OtherType(run, DeployType.ONLINE)) == (
        "发布流程 7 的类型不是 Online。它是 Offline 发布流程，而 type 为 Online。它的阶段有 BUILD (Build)、OFFLINE "
        "(Offline)。它保持原样。"
    )
    assert step.counted(report) == "失败：2 个对象中 1 个成功，未开始 1，3 次 API 调用"


@pytest.mark.usefixtures("chinese")
@given(drawn(studio.Problem, st.just("7")))
def test_problems_of_the_selection_are_in_chinese(problem: studio.Problem) -> None:
    assert english_in(choosing.problem_of(problem)) == []


@pytest.mark.usefixtures("chinese")
@given(st.lists(drawn(Record, st.just("7")), min_size=1, max_size=2), st.sampled_from(Verdict))
def test_the_job_summary_is_in_chinese(records: list[Record], verdict: Verdict) -> None:
    page = summary.summary(Report(verdict, tuple(records), 3), About("Online", 12345, "cn-shanghai"))
    code = re.compile(r"```.*?```", re.DOTALL)
    assert english_in(code.sub("", page).replace("DataWorks Deploy", "")) == []
    assert not re.search("。 [\u4e00-\u9fff]", page)
    for record in records:
        assert english_in(" ".join((step.title(record), *step.told(record).lines, step.ended(record)))) == []


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("outcome", Outcome)
def test_each_outcome_has_advice_in_chinese(outcome: Outcome) -> None:
    found = advice.OUTCOMES[outcome]
    assert english_in(FACT.sub("", " ".join(map(language.word, (found.what, found.cause, found.fix))))) == []


def test_english_is_the_default() -> None:
    assert language.word(continuing.AGAIN) == continuing.AGAIN


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("sentence", "fact", "said"),
    [
        ("{object} waits for a person", "发布流程 7", "发布流程 7 等待人工处理"),
        ("{objects} failed", "另外 3 个对象", "另外 3 个对象失败"),
        ("{objects} failed", "7", "7 失败"),
        ("order: {objects} wait for each other.", "dwd (7)", "order：dwd (7) 互相等待。"),
        ("{objects} could not be read. Whether these have changed is not known, so they are deployed.",
         "节点（旧）", "无法读取 节点（旧）。不知道它们是否有变化，因此将其发布。"),
        ("Until then it waited for {because}.", "DataWorks 中的审批", "在那之前，它在等待 DataWorks 中的审批。"),
    ],
)  # fmt: skip
def test_a_fact_is_set_apart_from_chinese_as_other_words_are(sentence: str, fact: str, said: str) -> None:
    """A blank between Chinese and Latin letters or digits, and none beside a full-width mark."""
    (place,) = FACT.findall(sentence)
    assert language.say(sentence, **{place[1:-1]: fact}) == said


@pytest.mark.usefixtures("chinese")
def test_a_blank_of_a_fact_stays_where_no_full_width_mark_meets_it() -> None:
    assert language.say("run {run_id}", run_id="") == "发布流程 "
    assert language.say("{count} executions did not start it.", count=1200) == "1200 次执行都没有使它开始。"
    assert language.say("{operation} claims {total} and shows {shown:,}, each time that it is read. What it does not "
                        "show cannot be found.", operation="ListNodes", total="9 个", shown=1200).startswith(
        "ListNodes 称有 9 个，但每次读取都只显示 1,200 个。"
    )  # fmt: skip


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("running", ["BUILD_PACKAGE", "PROD_CHECK", "PROD"])
def test_the_advice_for_a_slow_stage_is_in_chinese(running: str) -> None:
    """The advice consists of several sentences."""
    before = ("BUILD_PACKAGE", "PROD_CHECK", "PROD").index(running)
    record = stopped(read(own("1"), "Running", *["Success"] * before, "Running"))

    assert english_in(" ".join(step.told(record).lines).replace("run-1", "")) == []
