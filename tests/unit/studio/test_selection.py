"""From what people ask for to the objects that they mean."""

import time
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataworks_deploy.domain.model import ObjectId
from dataworks_deploy.domain.studio.catalog import Catalog, Kind, StudioObject
from dataworks_deploy.domain.studio.nearest import Nearest
from dataworks_deploy.domain.studio.request import Form, Line, Request, parse_lines
from dataworks_deploy.domain.studio.selection import (
    MOST_IN_ALL,
    Ambiguous,
    Empty,
    InnerNode,
    NotHere,
    NothingFound,
    Problem,
    Selected,
    Selection,
    TooMany,
    TooManyInAll,
    Undecided,
    Unselectable,
    select,
)

ORDERS = StudioObject(
    ObjectId("7567482277219412494"), Kind.NODE, "dwd_orders_di", "业务流程/订单/dwd_orders_di"
)
ITEMS = StudioObject(ObjectId("7567482277219412495"), Kind.NODE, "dwd_items_di", "业务流程/订单/dwd_items_di")
USERS = StudioObject(ObjectId("7567482277219412496"), Kind.NODE, "dim_users", "业务流程/用户/dim_users")
DAILY = StudioObject(ObjectId("7567482277219412497"), Kind.WORKFLOW, "daily", "业务流程/daily")
INNER = StudioObject(
    ObjectId("7567482277219412498"), Kind.NODE, "dws_sales", "业务流程/订单/dws_sales", workflow=DAILY.id
)
JAR = StudioObject(ObjectId("7567482277219412499"), Kind.RESOURCE, "geo", "资源/geo")
UDF = StudioObject(ObjectId("7567482277219412500"), Kind.FUNCTION, "geo", "函数/geo")
CATALOG = Catalog((ORDERS, ITEMS, USERS, DAILY, INNER, JAR, UDF))
UNKNOWN = ObjectId("7567482277219412999")


def found_by(
    request: Request, catalog: Catalog, absent: Collection[ObjectId] = ()
) -> Selection | Unselectable:
    """What the request selects, once all steps are done."""
    steps = select(request, catalog, absent)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Selection | Unselectable = end.value
            return found


def asked(text: str, *ids: str, allow_empty: bool = False, most: int = 100) -> Request:
    """A request for these lines and IDs."""
    parsed = parse_lines(text)
    assert not parsed.faults
    return Request(tuple(map(ObjectId, ids)), parsed.lines, allow_empty, most)


def selected(request: Request, absent: tuple[ObjectId, ...] = ()) -> list[StudioObject]:
    """The objects of a selection without a problem."""
    found = found_by(request, CATALOG, absent)
    assert isinstance(found, Selection)
    return [each.object for each in found.objects]


def problems(request: Request, absent: tuple[ObjectId, ...] = ()) -> tuple[Problem, ...]:
    """All problems of a request that has problems."""
    found = found_by(request, CATALOG, absent)
    assert isinstance(found, Unselectable)
    return found.problems


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        (ORDERS.id, [ORDERS]),
        ("dwd_orders_di", [ORDERS]),
        ("业务流程/订单/dwd_orders_di", [ORDERS]),
        ("/业务流程/订单/dwd_orders_di", [ORDERS]),
        ("daily", [DAILY]),
        ("业务流程/*", [DAILY]),
        ("业务流程/*/*", [USERS, ITEMS, ORDERS]),
        ("业务流程/**", [DAILY, USERS, ITEMS, ORDERS]),
        ("node:**", [USERS, ITEMS, ORDERS]),
        ("resource:geo", [JAR]),
        ("function:geo\nresource:geo", [UDF, JAR]),
        ("dim_users\ndwd_orders_di", [USERS, ORDERS]),
        ("dwd_orders_di\ndwd_orders_di\n业务流程/订单/*", [ORDERS, ITEMS]),
        ("业务流程/订单/*\n!dwd_items_di", [ORDERS]),
        ("业务流程/**\n!业务流程/用户/**\n!workflow:**", [ITEMS, ORDERS]),
        ("业务流程/订单/*\n!**\ndwd_items_di", [ITEMS]),
        ("业务流程/订单/*\n!dwd_items_di\n业务流程/订单/*", [ORDERS, ITEMS]),
        ("dim_users\n!**/tmp_*", [USERS]),
    ],
)
def test_lines_select_objects_and_exclude_them(text: str, objects: list[StudioObject]) -> None:
    """In the order of the lines, then by path. Each object once. Later lines win."""
    assert selected(asked(text)) == objects


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("业务流程/订单", "业务流程/订单"),
        ("/业务流程", "业务流程"),
        ("订单", "业务流程/订单"),
        ("workflow:订单", "业务流程/订单"),
        ("流程/订单", ""),
        ("业务流程/订", ""),
        ("no_such", ""),
        ("订单/*/x", ""),
    ],
)
def test_a_line_that_names_a_folder_finds_nothing_and_the_folder_is_known(text: str, folder: str) -> None:
    (found,) = problems(asked(text))

    assert isinstance(found, NothingFound)
    assert found.folder == folder


def test_given_ids_come_first_and_no_line_excludes_them() -> None:
    request = asked("业务流程/订单/*\n!dwd_orders_di", USERS.id, ORDERS.id, USERS.id)

    assert selected(request) == [USERS, ORDERS, ITEMS]


def test_an_object_knows_the_line_that_selects_it() -> None:
    request = asked("dwd_items_di\n业务流程/订单/*", USERS.id)

    assert found_by(request, CATALOG) == Selection(
        (Selected(USERS), Selected(ITEMS, request.lines[0]), Selected(ORDERS, request.lines[1]))
    )


def test_an_id_that_could_not_be_looked_up_is_accepted_as_given() -> None:
    assert selected(asked("", "1")) == [StudioObject(ObjectId("1"))]
    assert selected(asked(f"node:{UNKNOWN}")) == [StudioObject(UNKNOWN)]


@pytest.mark.parametrize("by", ["!x/**", "!dws_sales", "!node:**"])
def test_an_excluding_line_cannot_decide_about_an_object_that_was_not_looked_up(by: str) -> None:
    request = asked(f"{UNKNOWN}\ndim_users\n{by}", "1")

    assert Undecided(UNKNOWN, request.lines[0], request.lines[2]) in problems(request)
    assert selected(asked(f"{UNKNOWN}\ndim_users\n!{USERS.id}")) == [StudioObject(UNKNOWN)]


def test_an_id_that_does_not_exist_is_a_problem() -> None:
    request = asked(UNKNOWN, "700006512345")

    found = problems(request, (UNKNOWN, ObjectId("700006512345")))

    assert found == (NotHere(ObjectId("700006512345")), NotHere(UNKNOWN, request.lines[0]))


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("dwd_order_di", (ORDERS, ITEMS)),
        ("DWD_ORDERS_DI", (ORDERS, ITEMS)),
        ("业务流程/用户/dwd_orders_di", (ORDERS, ITEMS, USERS)),
        ("业务流程/用户s/*", (USERS,)),
        ("dws_sales_x", ()),
        ("**/dws_sales", ()),
        ("node:daily", (DAILY,)),
        (f"node:{DAILY.id}", (DAILY,)),
        ("dim_users\n!dim_user", (USERS,)),
    ],
)
def test_a_line_that_finds_nothing_names_the_nearest(text: str, nearest: tuple[StudioObject, ...]) -> None:
    request = asked(text)

    (found,) = problems(request)

    assert isinstance(found, NothingFound)
    assert found.line == request.lines[-1]
    assert found.nearest[: len(nearest)] == nearest
    assert INNER not in found.nearest


def nearest(sought: str, *names: str) -> list[str]:
    """The names nearest to this one."""
    objects = [StudioObject(ObjectId(name), Kind.NODE, name) for name in names]
    return [each.name for each in Nearest(objects).to(Line(sought, 1, sought=sought))]


def test_only_similar_names_are_near() -> None:
    """Two shared pairs out of five and five are enough. Two out of five and six are not."""
    assert nearest("abcd", "abXY", "abXYZ", "zzzz") == ["abXY"]


def test_a_longer_name_is_not_nearer_because_it_is_longer() -> None:
    assert nearest("dwd_orders", "dwd_orders_of_all_regions", "dwd_order", "x") == [
        "dwd_order",
        "dwd_orders_of_all_regions",
    ]


def test_at_most_three_objects_are_suggested() -> None:
    assert nearest("abc", "abc1", "abc2", "abc3", "abc4") == ["abc1", "abc2", "abc3"]


def test_the_stars_of_a_pattern_do_not_count_as_letters() -> None:
    assert nearest("a*b*c*d*e", "abcde") == ["abcde"]


def test_an_empty_workspace_has_no_nearest_object() -> None:
    assert Nearest(()).to(Line("a", 1, sought="a")) == ()
    assert Nearest((USERS, StudioObject(UNKNOWN))).to(Line("**", 1, sought="**")) == ()


def test_of_equally_similar_names_the_one_of_the_same_length_is_nearer() -> None:
    long, short = (StudioObject(ObjectId(text), Kind.NODE, f"a_{text}_b") for text in ("777", "77"))

    assert Nearest((long, short)).to(Line("", 1, sought="A_77_B")) == (short, long)
    assert Nearest((short, long)).to(Line("", 1, sought="A_777_B")) == (long, short)


def test_a_name_that_fits_several_objects_is_a_problem() -> None:
    request = asked("geo")

    assert problems(request) == (Ambiguous(request.lines[0], (JAR, UDF)),)


def test_a_node_inside_a_workflow_is_a_problem_that_names_the_workflow() -> None:
    request = asked(f"dws_sales\n{INNER.path}", INNER.id)

    assert problems(request) == (
        InnerNode(INNER, DAILY),
        InnerNode(INNER, DAILY, request.lines[0]),
        InnerNode(INNER, DAILY, request.lines[1]),
    )


def test_a_node_inside_a_workflow_cannot_be_excluded_alone() -> None:
    request = asked("**\n!dws_sales")

    assert problems(request) == (InnerNode(INNER, DAILY, request.lines[1]),)


def test_an_object_outside_wins_over_a_node_inside_with_the_same_name() -> None:
    outer = StudioObject(ObjectId("1"), Kind.WORKFLOW, "dws_sales", "dws_sales")
    found = found_by(asked("dws_sales"), Catalog((*CATALOG.objects, outer)))

    assert isinstance(found, Selection)
    assert [each.object for each in found.objects] == [outer]


def test_inner_nodes_of_the_same_name_are_all_shown() -> None:
    twin = StudioObject(ObjectId("1"), Kind.NODE, "dws_sales", workflow=ObjectId("2"))
    request = asked("dws_sales")

    found = found_by(request, Catalog((INNER, twin)))

    assert found == Unselectable((Ambiguous(request.lines[0], (INNER, twin)),))


def test_too_many_objects_are_a_problem_with_their_count() -> None:
    request = asked("node:**", most=2)

    assert problems(request) == (TooMany(3, 2, (USERS, ITEMS, ORDERS)),)
    assert len(selected(asked("node:**", most=3))) == 3


def test_given_ids_do_not_count_towards_the_limit() -> None:
    assert len(selected(asked("node:**", ORDERS.id, ITEMS.id, most=1))) == 3


def test_given_ids_and_lines_together_must_not_exceed_the_limit_of_a_step() -> None:
    given = [str(each) for each in range(10**12, 10**12 + MOST_IN_ALL - 2)]

    assert len(selected(asked("workflow:**\nnode:dim_users", *given))) == MOST_IN_ALL
    too_many = asked("node:**", *given)
    assert problems(too_many) == (TooManyInAll(MOST_IN_ALL + 1, MOST_IN_ALL),)


def test_objects_of_one_pattern_are_in_the_order_of_their_paths() -> None:
    """An object without a path is sorted by its name."""
    one, other, bare = (
        StudioObject(ObjectId(number), Kind.NODE, name, path)
        for number, name, path in (("3", "z", "a/z"), ("2", "a", "b/a"), ("1", "aa", ""))
    )
    found = found_by(asked("**"), Catalog((other, bare, one)))

    assert isinstance(found, Selection)
    assert [each.object for each in found.objects] == [one, bare, other]


def test_ten_of_too_many_objects_are_shown() -> None:
    many = [StudioObject(ObjectId(str(n)), Kind.NODE, f"n{n:02}", f"n{n:02}") for n in range(30)]

    found = found_by(asked("*", most=20), Catalog.of(many))

    assert found == Unselectable((TooMany(30, 20, tuple(many[:10])),))


@pytest.mark.parametrize("text", ["", "# nothing", "**\n!**"])
def test_an_empty_selection_is_a_problem(text: str) -> None:
    assert problems(asked(text)) == (Empty(),)
    assert selected(asked(text, allow_empty=True)) == []


def test_with_allow_empty_lines_may_find_nothing() -> None:
    request = asked(f"x/*\nnothing\n{UNKNOWN}\ndim_users", allow_empty=True)

    found = found_by(request, CATALOG, (UNKNOWN,))

    assert found == Selection((Selected(USERS, request.lines[3]),), request.lines[:3])


def test_with_allow_empty_given_ids_must_still_exist() -> None:
    assert problems(asked("", UNKNOWN, allow_empty=True), (UNKNOWN,)) == (NotHere(UNKNOWN),)


def test_all_problems_come_at_once() -> None:
    request = asked(f"nothing\ngeo\ndws_sales\n{UNKNOWN}\nnode:**", most=2)

    assert [type(each) for each in problems(request, (UNKNOWN,))] == [
        NothingFound,
        Ambiguous,
        InnerNode,
        NotHere,
        TooMany,
    ]


SEGMENTS = st.sampled_from(("a", "b", "ab"))
PATHS = st.lists(SEGMENTS, min_size=1, max_size=3).map("/".join)
OBJECTS = st.lists(
    st.builds(
        lambda number, kind, path, inner: StudioObject(
            ObjectId(f"{number:010}"), kind, path.rpartition("/")[2], path, workflow=inner
        ),
        st.integers(0, 30),
        st.sampled_from(Kind),
        PATHS,
        st.sampled_from((None, None, None, ObjectId("9" * 10))),
    )
)
LINES = st.lists(
    st.builds(
        lambda mark, kind, sought: f"{mark}{kind}{sought}",
        st.sampled_from(("", "", "!")),
        st.sampled_from(("", "node:", "workflow:")),
        st.one_of(PATHS, st.text("ab*/", min_size=1, max_size=5), st.integers(0, 30).map("{:010}".format)),
    ),
    max_size=6,
)


@given(OBJECTS, LINES, st.booleans())
def test_a_selection_follows_its_lines_one_after_the_other(
    objects: list[StudioObject], lines: list[str], allow_empty: bool
) -> None:
    catalog, request = Catalog.of(objects), Request(lines=parse_lines("\n".join(lines)).lines)
    request = Request((), request.lines, allow_empty)
    found = found_by(request, catalog)
    if isinstance(found, Unselectable):
        assert found.problems
        return
    chosen = [each.object for each in found.objects]
    assert len({each.id for each in chosen}) == len(chosen)
    assert not any(each.workflow for each in chosen)
    for each in catalog.objects:
        last = next((line for line in reversed(request.lines) if means(line, each)), None)
        assert (each in chosen) == (last is not None and last.takes and each.workflow is None)


def means(line: Line, each: StudioObject) -> bool:
    """Whether a line alone would select the object."""
    if line.kind not in {None, each.kind}:
        return False
    exact = line.sought in {each.id, each.name, each.path}
    return bool(line.pattern.fullmatch(each.path)) if line.form is Form.PATTERN else exact


def test_similar_names_are_looked_for_only_for_the_first_lines_that_find_nothing() -> None:
    found = problems(asked("\n".join(f"dwd_orders_{each}" for each in range(30))))

    assert [len(each.nearest) > 0 for each in found if isinstance(each, NothingFound)] == [True] * 20 + [
        False
    ] * 10


def test_a_large_workspace_is_searched_quickly() -> None:
    """Ten patterns and ten unknown names in 5,000 objects: 0.2 s. The bound is for slow machines."""
    many = [
        StudioObject(ObjectId(str(n)), Kind.NODE, f"dwd_{n}_di", f"业务流程/{n % 50}/dwd_{n}_di")
        for n in range(5000)
    ]
    lines = [f"业务流程/{n}/**/dwd_*_di" for n in range(10)] + [f"dwd_{n}_df" for n in range(10)]
    began = time.perf_counter()

    found = found_by(asked("\n".join(lines), most=5000), Catalog.of(many))

    assert time.perf_counter() - began < 5
    assert isinstance(found, Unselectable)
    assert [type(each) for each in found.problems] == [NothingFound] * 10
