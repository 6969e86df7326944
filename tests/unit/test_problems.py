"""The words for each problem of the inputs: which input, what is wrong with it, and what to do."""

from typing import get_args

import pytest

from dataworks_deploy.domain.problem import (
    BeyondJobLimit,
    BrokenKey,
    Dashed,
    Doubt,
    FileFault,
    HalfKey,
    HalfRole,
    ListFault,
    LostDigits,
    NoCertificate,
    NoFile,
    NoFolder,
    NoLines,
    NotALine,
    NotAList,
    NotAlone,
    NotAnEndpoint,
    NotAnId,
    NotAnItem,
    NotAnStsEndpoint,
    NotANumber,
    NotAProject,
    NotARegion,
    NoTarget,
    NotAStage,
    NotOneOf,
    NotUtf8,
    NotWhole,
    Nulls,
    Problem,
    Repeated,
    Rounded,
    Slip,
    Swallowed,
    TargetFault,
    TooManyIds,
    TooManyLines,
    Unpaired,
    Unusable,
    UnusedProxy,
    Unwritten,
    WrongComma,
)
from dataworks_deploy.domain.studio.request import Line, Quoted
from dataworks_deploy.render.problems import said

SAID: list[tuple[Problem | Doubt, str, str]] = [
    (NotOneOf("type", "'x'", ("Online", "Offline")), "type: 'x' is not one of", "Online, Offline."),
    (WrongComma("abolish-on", "'a，b'"), "abolish-on: 'a，b' has a Chinese comma.", "or by a blank."),
    (NotAlone("abolish-on", "never"), "abolish-on: ", "never cannot stand beside other values."),
    (
        NotANumber("poll-seconds", "'x'", 1, 3600, "seconds", or_auto=True),
        "poll-",
        "seconds from 1 to 3600, or auto.",
    ),
    (NotANumber("timeout-minutes", "'x'", 0.01, 9, "minutes"), "timeout-minutes: 'x'", "from 0.01 to 9."),
    (NotWhole("max-objects", "'x'", 1, 100), "max-objects: 'x'", "a whole number from 1 to 100."),
    (
        NotWhole("max-parallel", "'x'", 1, 100, or_auto=True),
        "max-parallel: 'x'",
        "whole number from 1 to 100, or auto.",
    ),
    (NotAStage("until-stage", "'x y'"), "until-stage: 'x y'", "such as PROD_CHECK"),
    (NotUtf8("description", "'x'"), "description: 'x'", "Write it in UTF-8"),
    (NotAProject("1e5", is_float=True), "project-id: 1e5", 'Quote it, such as project-id: "12345"'),
    (NotAProject("'ws'"), "project-id: 'ws'", "not the workspace's name"),
    (NotARegion("'x'"), "region: 'x'", "such as cn-shanghai"),
    (NotAnEndpoint("'x'", unsafe=True), "endpoint: 'x'", "Leave out everything else"),
    (NotAnEndpoint("'x'", unsafe=False), "endpoint: 'x'", "set DATAWORKS_ALLOW_UNSAFE_ENDPOINT=true"),
    (NotAnStsEndpoint("'x'"), "sts-endpoint: 'x'", "sts-vpc.cn-shanghai.aliyuncs.com"),
    (UnusedProxy("ALL_PROXY"), "ALL_PROXY is set", "Set HTTPS_PROXY"),
    (BeyondJobLimit(360), "timeout-minutes is longer than 360 minutes", "unless abolish-on is never"),
    (NotAList("object-ids", ListFault.EMPTY), "object-ids: the list is empty", "set allow-empty: true"),
    (NoLines("objects-file"), "objects-file: holds no object", "set allow-empty: true"),
    (
        TooManyLines("objects", 10_001, 10_000),
        "objects: 10,001 lines are more than the 10,000",
        "Patterns make",
    ),
    (NotALine(Quoted(Line("'a'", 3)), "'x'"), "objects: line 3, 'x', stands in quotes", "Leave them out."),
    (
        NotALine(Quoted(Line("", 3)), "'x'", (4, 9)),
        "objects: line 3, 'x'",
        "out. The same is wrong in line 4, 9.",
    ),
    (NotAList("run-ids", ListFault.EMPTY), "run-ids: the list is empty", "Give at least one ID"),
    (NotAList("run-ids", ListFault.BROKEN), "run-ids: begins like JSON", "Write the IDs one on a line"),
    (NotAList("run-ids", ListFault.NOT_FLAT), "run-ids: ", 'must be one flat array, such as ["123", "456"]'),
    (NotAnId("run-ids", "'a.b'"), "run-ids: 'a.b' is not an ID. An ID has", "Separate IDs by new lines"),
    (
        NotAnId("object-ids", "'a.b'"),
        "object-ids: 'a.b' is not an ID. An ID has",
        "go into the input objects.",
    ),
    (NotAnId("run-ids", "'#'", "#"), "run-ids: '#'", "a comment needs a blank before its #"),
    (NotAnId("run-ids", "'x'", "１"), "run-ids: 'x'", "'\\uff11' is FULLWIDTH DIGIT ONE"),
    (NotAnId("run-ids", "'x'", "\ue000"), "run-ids: 'x'", "'\\ue000' is a character without a name"),
    (Swallowed("run-ids", "1" * 19), f"run-ids: {'1' * 19} stands in a comment", "Use a block with |"),
    (NotAList("run-ids", ListFault.COMMENTS_ONLY), "run-ids: the list is empty: it has comments", "one ID"),
    (Dashed("run-ids", "'-5'"), "run-ids: '-5'", "one on a line, without a dash in front"),
    (LostDigits("run-ids", "7E+18"), "run-ids: 7E+18 is not an ID", "in a block (run-ids: |)"),
    (LostDigits("run-ids", "'1.5'", in_json=True), "run-ids: '1.5' is not an integer", "Quote the ID"),
    (
        Nulls("object-ids", (2,)),
        "object-ids: ",
        "results has null where run-ids was given alone. Leave these",
    ),
    (
        Nulls("run-ids", tuple(range(1, 12))),
        "run-ids: the JSON array has null at place 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …. The output run-ids has null",
        "Leave these out: jq -c 'map(select(.))'. Where object-ids is given, leave their objects out too.",
    ),
    (NotAnItem("run-ids", 3, "'true'"), "run-ids: place 3 of the JSON array is 'true'", "a string or an int"),
    (TooManyIds("run-ids", 1001, 1000), "run-ids: 1,001 IDs are more than the 1,000", "into several jobs"),
    (Unpaired(2, 1), "run-ids: 2 different runs for 1 different objects", "or run-ids alone"),
    (Unusable("f", "'x'", FileFault.NO_WORKSPACE, 9), "f: 'x'", "GITHUB_WORKSPACE is not set"),
    (
        Unusable("f", "'x'", FileFault.MISSING, 9),
        "f: 'x' is not in the",
        "run actions/checkout before this step",
    ),
    (Unusable("f", "'x'", FileFault.OUTSIDE, 9), "f: 'x' lies outside", "such as deploy/objects.txt"),
    (
        Unusable("f", "'x'", FileFault.LINKED_OUT, 9),
        "f: 'x' is a link",
        "Put the file itself into the working directory",
    ),
    (Unusable("f", "'x'", FileFault.FOLDER, 9), "f: 'x' is a folder", "Give the path of one file"),
    (
        Unusable("f", "'x'", FileFault.NO_PLAIN_FILE, 9),
        "f: 'x' is a pipe",
        "to an ordinary file in a step before",
    ),
    (Unusable("f", "'x'", FileFault.TOO_LARGE, 9999), "f: 'x' is too large", "at most 9,999 bytes are read"),
    (Unusable("f", "'{x}'", FileFault.NOT_UTF8, 9), "f: '{x}' is not in UTF-8", "Save it as UTF-8"),
    (Unusable("f", "'x'", FileFault.UNREADABLE, 9), "f: 'x' cannot be read", "Check that its permissions"),
    (
        NoTarget("f", "'x'", TargetFault.NO_WORKSPACE),
        "f: 'x' cannot be written",
        "GITHUB_WORKSPACE is not set",
    ),
    (NoTarget("f", "'x'", TargetFault.OUTSIDE), "f: 'x' lies outside", "such as preview.md"),
    (NoTarget("f", "'x'", TargetFault.LINKED_OUT), "f: 'x' is a link", "Give another path"),
    (NoTarget("f", "'x'", TargetFault.IS_READ), "f: 'x' is the file of objects-file", "Give another path"),
    (NoTarget("f", "'x'", TargetFault.FOLDER), "f: 'x' is a folder", "Give the path of a file"),
    (NoTarget("f", "'x'", TargetFault.NO_PLAIN_FILE), "f: 'x' is a pipe", "the path of an ordinary file"),
    (NoTarget("f", "'x'", TargetFault.NO_FOLDER), "f: 'x' cannot be written, because its", "Make the folder"),
    (NoTarget("f", "'x'", TargetFault.UNWRITABLE), "f: 'x' cannot be written", "Check the name"),
    (HalfRole("role-arn"), "role-arn: is empty while oidc-provider-arn is given", "with both of them"),
    (HalfRole("oidc-provider-arn"), "oidc-provider-arn: is empty while role-arn", "with both of them"),
    (HalfKey("access-key-id"), "access-key-id: is empty", "check that the secret exists"),
    (BrokenKey("token"), "credentials: the key's token", "Copy it again"),
    (Repeated("run-ids", "1", 3), "run-ids: 1 is given 3 times", "it counts once"),
    (Rounded("run-ids", "9000"), "run-ids: 9000 ends in 000", "pass IDs on as strings"),
    (NoCertificate("/a"), "SSL_CERT_FILE: /a", "holds no certificate"),
    (
        NoFile("/a", "gone"),
        "SSL_CERT_FILE: /a",
        "(gone). Of the machine's files the container has only the working directory",
    ),
    (
        NoFolder("/a"),
        "SSL_CERT_DIR: /a",
        "Of the machine's files the container has only the working directory",
    ),
    (Unwritten("/a", "full"), "/a cannot be written: ", "full."),
    (Unwritten("/a", None), "/a cannot be written: ", "larger than the runner accepts."),
    (Slip.NO_IDENTITY, "role-arn: ", "permissions: id-token: write"),
]


@pytest.mark.parametrize(("problem", "begin", "advice"), SAID, ids=lambda each: type(each).__name__)
def test_a_problem_names_its_input_the_given_value_and_what_to_do(
    problem: Problem | Doubt, begin: str, advice: str
) -> None:
    assert said(problem).startswith(begin)
    assert advice in said(problem)


def test_every_kind_of_problem_has_words_and_every_slip_has_different_words() -> None:
    assert {type(problem) for problem, _, _ in SAID} == {*get_args(Problem), *get_args(Doubt)}
    assert len({*map(said, Slip)}) == len(Slip)
