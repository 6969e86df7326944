"""What to deploy, by ID, by name, by pattern or from a file: one request, or all its faults."""

from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from dataworks_deploy.domain.problem import (
    FileFault,
    ListFault,
    NoLines,
    NotALine,
    NotAList,
    NotAnId,
    NotOneOf,
    NotUtf8,
    NotWhole,
    Problem,
    Slip,
    TooManyLines,
    Unusable,
)
from dataworks_deploy.domain.studio import request
from dataworks_deploy.domain.studio.request import Request, parse_lines
from dataworks_deploy.hosts.github import Variables
from dataworks_deploy.hosts.inputs import Invalid, parse
from dataworks_deploy.render.problems import said

from .test_inputs import GOOD, environment, problem, problems, read

ID = GOOD["object-ids"]
FILE = "deploy/objects.txt"


@pytest.fixture
def workspace(tmp_path: Path) -> dict[str, str]:
    """The variable that names it. `FILE` is inside it, and selects two objects."""
    (tmp_path / "deploy").mkdir()
    (tmp_path / FILE).write_text("# ours\nc\nnode:d\n", "utf-8")
    return {"GITHUB_WORKSPACE": str(tmp_path)}


def fill(workspace: dict[str, str], content: str | bytes) -> None:
    """Write the file again."""
    data = content if isinstance(content, bytes) else content.encode()
    Path(workspace["GITHUB_WORKSPACE"], FILE).write_bytes(data)


def test_ids_alone_are_a_request_of_ids() -> None:
    assert read().request == Request((read().object_ids[0],))
    assert read().request == Request(read().object_ids, (), False, 100)


def test_lines_are_read_as_written() -> None:
    inputs = read("object-ids", objects="\n# all of ours\n业务流程/**  # but\n!dws_tmp\n")

    assert inputs.object_ids == ()
    assert inputs.request.ids == ()
    assert [(line.text, line.number, line.source) for line in inputs.request.lines] == [
        ("业务流程/**", 3, "objects"),
        ("!dws_tmp", 4, "objects"),
    ]


def test_ids_and_lines_and_a_file_come_together_in_this_order(workspace: dict[str, str]) -> None:
    inputs = read(ambient=workspace, objects="a\nb", objects_file=FILE)

    assert inputs.request.ids == inputs.object_ids == (ID,)
    assert [(line.sought, line.source) for line in inputs.request.lines] == [
        *(("a", "objects"), ("b", "objects")),
        *(("c", "objects-file"), ("d", "objects-file")),
    ]


@pytest.mark.parametrize("content", ["a", "a\r\n", "\ufeffa\n", "#x\r\na # y\r\n"])
def test_a_file_holds_what_an_editor_writes(workspace: dict[str, str], content: str) -> None:
    fill(workspace, content)

    (line,) = read("object-ids", ambient=workspace, objects_file=f" {FILE}\n").request.lines
    assert line.sought == "a"


@pytest.mark.parametrize(("text", "most"), [("", 100), ("1", 1), ("1000", 1000)])
def test_max_objects_sets_the_limit(text: str, most: int) -> None:
    assert read(max_objects=text).request.most == most


@pytest.mark.parametrize("text", ["0", "1001", "-1", "all", "1.5"])
def test_max_objects_must_not_exceed_the_limit_of_a_step(text: str) -> None:
    assert problem(max_objects=text) == NotWhole("max-objects", repr(text), 1, 1000)


@pytest.mark.parametrize(
    ("text", "fault", "cause", "fix"),
    [
        ("node:", request.NothingSought, "names no object", "Write a name, a path or a pattern behind it"),
        ("table:orders", request.UnknownKind, "no kind of object", "node:, workflow:, resource:, function:"),
        ("7.5E+18", request.LostDigits, "YAML has turned the number into a float", "in a block (objects: |)"),
        ("'a'", request.Quoted, "would be part of the name", "Leave them out"),
        ("“dwd_orders”", request.Quoted, "would be part of the name", "Leave them out"),
        ("‘a’", request.Quoted, "would be part of the name", "Leave them out"),
        ("workflow:「a」", request.Quoted, "would be part of the name", "Leave them out"),
        ("业务流程／订单/a", request.WrongSlash, "full-width slash (／)", "Write / instead"),
        ("业务流程\\订单\\a", request.WrongSlash, "a backslash (\\)", "Write / instead"),
        ("工作流：daily", request.UnknownKind, "a kind in Chinese", "Write workflow: instead of 工作流:"),
        ("节点:a", request.UnknownKind, "a kind in Chinese", "Write node: instead of 节点:"),
        ("资源: a", request.UnknownKind, "a kind in Chinese", "Write resource: instead of 资源:"),
        ("node:函数：a", request.UnknownKind, "a kind in Chinese", "Write function: instead of 函数:"),
        ("- a", request.Dashed, "an item of a YAML list", "leave the dash out"),
        ("业务流程/订单/", request.Folder, "ends with /, as a folder does", "write ** behind the /"),
        ("!a", request.ExcludesFirst, "no line before it takes anything", "put it behind"),
    ],
)
def test_a_wrong_line_is_reported_with_its_place(text: str, fault: type, cause: str, fix: str) -> None:
    found = problem("object-ids", objects=f"# x\n{text}")

    assert isinstance(found, NotALine)
    assert isinstance(found.fault, fault)
    assert said(found).startswith(f"objects: line 2, {text!r}, ")
    assert cause in said(found)
    assert fix in said(found)


def test_a_pattern_takes_nothing_offline() -> None:
    found = problem("object-ids", objects="a\nb/*", type="下线")

    assert isinstance(found, NotALine)
    assert isinstance(found.fault, request.PatternOffline)
    assert said(found).startswith("objects: line 2, 'b/*', is a pattern, and ")
    assert read("object-ids", objects="a", type="Offline").request.lines


def test_a_float_in_a_file_does_not_come_from_yaml(workspace: dict[str, str]) -> None:
    fill(workspace, "7.56748E+18")

    text = said(problem("object-ids", ambient=workspace, objects_file=FILE))

    assert text.startswith("objects-file: line 1, '7.56748E+18', ")
    assert "YAML" not in text
    assert "spreadsheet" in text


def test_lines_with_the_same_fault_are_one_problem() -> None:
    """A list in which every line has a dash needs one message. A runner shows ten annotations."""
    found = problems("object-ids", objects="\n".join(f"- {number}" for number in range(30)) + "\nnode:")

    assert [(type(each.fault), each.others) for each in found if isinstance(each, NotALine)] == [
        (request.Dashed, tuple(range(2, 31))),
        (request.NothingSought, ()),
    ]
    assert "line 1, '- 0', " in said(found[0])
    assert said(found[0]).endswith("The same is wrong in line 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ….")


def test_a_file_may_exclude_objects_that_earlier_lines_select(workspace: dict[str, str]) -> None:
    fill(workspace, "!dws_tmp\n")

    assert [
        line.takes for line in read(ambient=workspace, objects="**", objects_file=FILE).request.lines
    ] == [
        True,
        False,
    ]
    (found,) = problems(ambient=workspace, objects_file=FILE)
    assert isinstance(found, NotALine)
    assert isinstance(found.fault, request.ExcludesFirst)


def test_a_line_that_is_not_text_is_refused() -> None:
    assert problem(objects="a\ncaf\udce9 # x\n") == NotUtf8("objects", "'caf\\udce9'")
    assert read(objects="a # caf\udce9").request.lines


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("objects.txt", FileFault.MISSING),
        ("deploy", FileFault.FOLDER),
        ("../objects.txt", FileFault.OUTSIDE),
        ("/home/runner/work/repo/repo/deploy/objects.txt", FileFault.OUTSIDE),
        ("link", FileFault.LINKED_OUT),
    ],
)
def test_an_unusable_file_is_reported(workspace: dict[str, str], path: str, why: FileFault) -> None:
    Path(workspace["GITHUB_WORKSPACE"], "link").symlink_to("/etc/hostname")

    assert problem("object-ids", ambient=workspace, objects_file=path) == Unusable(
        "objects-file", repr(path), why, 1_000_000
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"a" * 1_000_001, FileFault.TOO_LARGE), ("业务".encode("gbk"), FileFault.NOT_UTF8)],
)
def test_a_file_has_a_limited_size(workspace: dict[str, str], content: bytes, why: FileFault) -> None:
    fill(workspace, content)

    assert problem("object-ids", ambient=workspace, objects_file=FILE) == Unusable(
        "objects-file", repr(FILE), why, 1_000_000
    )


def test_too_many_lines_are_not_read(workspace: dict[str, str]) -> None:
    fill(workspace, "#\n" * 9_999 + "a\n")
    assert len(read(ambient=workspace, objects_file=FILE).request.lines) == 1

    fill(workspace, "'\n" * 10_001)
    assert problem(ambient=workspace, objects_file=FILE) == TooManyLines("objects-file", 10_001, 10_000)


def test_without_a_workspace_a_file_cannot_be_read() -> None:
    assert problem(objects_file=FILE) == Unusable(
        "objects-file", repr(FILE), FileFault.NO_WORKSPACE, 1_000_000
    )


@pytest.mark.parametrize("text", ["#", "# none today\n\n  # really", "\ufeff#"])
def test_lines_without_an_object_are_a_mistake_unless_allow_empty(
    workspace: dict[str, str], text: str
) -> None:
    fill(workspace, text)

    assert problem("object-ids", objects=text) == problem(objects=text) == NoLines("objects")
    assert problem(ambient=workspace, objects_file=FILE) == NoLines("objects-file")
    empty = Request((), (), True)
    assert read("object-ids", objects=text, allow_empty="true").request == empty
    assert read("object-ids", ambient=workspace, objects_file=FILE, allow_empty="true").request == empty


def test_an_empty_file_is_a_mistake_unless_allow_empty(workspace: dict[str, str]) -> None:
    fill(workspace, "")

    assert problem("object-ids", ambient=workspace, objects_file=FILE) == NoLines("objects-file")
    assert read("object-ids", ambient=workspace, objects_file=FILE, allow_empty="TRUE").request.allow_empty


def test_a_missing_file_is_a_mistake_even_with_allow_empty(workspace: dict[str, str]) -> None:
    assert isinstance(problem(ambient=workspace, objects_file="gone", allow_empty="true"), Unusable)


@pytest.mark.parametrize("text", ["[]", "# none", "[\n]"])
def test_an_empty_list_of_ids_is_a_mistake_unless_allow_empty(text: str) -> None:
    assert isinstance(problem(object_ids=text), NotAList)
    assert read(object_ids=text, allow_empty="true").request == Request((), (), True)
    assert isinstance(problem(object_ids="[", allow_empty="true"), NotAList)


def test_no_objects_at_all_are_a_mistake_unless_allow_empty() -> None:
    """If an earlier step finds nothing to list, its list arrives as an empty input."""
    assert problem("object-ids") is Slip.NO_OBJECTS
    assert problem("object-ids", objects=" \n") is Slip.NO_OBJECTS
    inputs = read("object-ids", allow_empty="true")
    assert (inputs.request, inputs.object_ids, inputs.run_ids) == (Request((), (), True), (), ())


def test_an_empty_list_of_runs_is_always_a_mistake() -> None:
    """Otherwise the objects beside it would get new runs instead of continuing the given ones."""
    assert problem(run_ids="[]", allow_empty="true") == NotAList("run-ids", ListFault.EMPTY)


@pytest.mark.parametrize("others", [{}, {"object_ids": ""}])
@pytest.mark.parametrize(
    "given", [{"objects": "a"}, {"objects_file": FILE}, {"objects": "a", "objects_file": FILE}]
)
def test_names_and_runs_cannot_be_combined(
    workspace: dict[str, str], given: dict[str, str], others: dict[str, str]
) -> None:
    assert problem(ambient=workspace, run_ids="r-1", **given | others) is Slip.RUNS_WITH_NAMES


def test_all_faults_come_at_once(workspace: dict[str, str]) -> None:
    fill(workspace, "'c'\n!\n")

    found = problems(
        ambient=workspace,
        object_ids="a.b",
        objects="- a\ntable:b\n*",
        objects_file=FILE,
        run_ids="r-1",
        type="Offline",
        allow_empty="perhaps",
        max_objects="many",
    )

    lines = [(each.fault.line.source, type(each.fault)) for each in found if isinstance(each, NotALine)]
    assert lines == [
        ("objects", request.Dashed),
        ("objects", request.UnknownKind),
        ("objects", request.PatternOffline),
        ("objects-file", request.Quoted),
        ("objects-file", request.NothingSought),
    ]
    assert {each for each in found if not isinstance(each, NotALine)} == {
        NotAnId("object-ids", "'a.b'"),
        Slip.RUNS_WITH_NAMES,
        NotOneOf("allow-empty", "'perhaps'", ("true", "false")),
        NotWhole("max-objects", "'many'", 1, 1000),
    }


@pytest.mark.parametrize("form", ["'{}'", "x: {}", "- {}", "!{}"])
def test_a_secret_in_a_line_is_removed_before_the_text_is_cut(form: str) -> None:
    token = "CAIS/" + "aB3+" * 200

    (found,) = problems("object-ids", security_token=token, objects=form.format(token))

    assert "***" in said(found)
    assert "cais" not in said(found).lower()


def test_user_text_in_a_line_is_harmless_and_short() -> None:
    text = "'" + "\u202e\x1b[31m é" * 100 + "'"

    words = said(problem("object-ids", objects=text))

    assert words.isprintable()
    assert len(words) < 500


_PIECES = st.sampled_from(
    ["node:", "!", "！", "- ", "'", '"', "#", " ", "\n", "\r", "*", "**/", "/", "1.5e18"]
)
_ANY = st.text(st.characters(exclude_categories=()))


@drawn(st.lists(_PIECES | _ANY).map("".join), st.sampled_from(["Online", "Offline"]))
def test_any_text_gives_a_request_or_problems_with_words(text: str, type_: str) -> None:
    taken = parse(Variables(environment("object-ids", objects=text, type=type_)))

    found: tuple[Problem, ...] = taken.problems if isinstance(taken, Invalid) else ()
    assert all(said(each).isprintable() and len(said(each)) < 700 for each in found)
    if not isinstance(taken, Invalid):
        assert taken.request.lines == parse_lines(text).lines != ()
