"""What a host gives becomes one value, or all its faults at once."""

from collections.abc import Mapping

import pytest

from dataworks_deploy.domain.model import OnActiveRun
from dataworks_deploy.domain.problem import (
    BeyondJobLimit,
    BrokenKey,
    HalfKey,
    NotAlone,
    NotAnEndpoint,
    NotAnItem,
    NotANumber,
    NotAProject,
    NotARegion,
    NotAStage,
    NotOneOf,
    NotUtf8,
    NotWhole,
    Problem,
    Slip,
    Unpaired,
    UnusedProxy,
    WrongComma,
)
from dataworks_deploy.hosts.github import Variables
from dataworks_deploy.hosts.inputs import DEFAULTS, Inputs, Invalid, Key, parse, secrets_of
from dataworks_deploy.render.problems import said

GOOD = {
    "project-id": "12345",
    "object-ids": "7567482277219412494",
    "region": "cn-shanghai",
    "access-key-id": "LTAI-id",
    "access-key-secret": "a-secret",
}
AMBIENT = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "ambient-id",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "ambient-secret",
    "ALIBABA_CLOUD_SECURITY_TOKEN": "ambient-token",
}
UNSAFE = "DATAWORKS_ALLOW_UNSAFE_ENDPOINT"


def environment(*without: str, ambient: Mapping[str, str] | None = None, **given: str) -> dict[str, str]:
    """Make the runner's variables from inputs. Every declared input exists, and is empty if not given."""
    inputs = dict.fromkeys(DEFAULTS, "") | GOOD
    inputs |= {name.replace("_", "-"): value for name, value in given.items()} | dict.fromkeys(without, "")
    return {f"INPUT_{name.upper()}": value for name, value in inputs.items()} | dict(ambient or {})


def read(*without: str, ambient: Mapping[str, str] | None = None, **given: str) -> Inputs:
    inputs = parse(Variables(environment(*without, ambient=ambient, **given)))
    assert isinstance(inputs, Inputs), inputs
    return inputs


def key(*without: str, ambient: Mapping[str, str] | None = None, **given: str) -> tuple[str, str, str]:
    credentials = read(*without, ambient=ambient, **given).credentials
    assert isinstance(credentials, Key)
    return credentials.id, credentials.secret, credentials.token


def problems(*without: str, ambient: Mapping[str, str] | None = None, **given: str) -> tuple[Problem, ...]:
    invalid = parse(Variables(environment(*without, ambient=ambient, **given)))
    return invalid.problems if isinstance(invalid, Invalid) else ()


def problem(*without: str, ambient: Mapping[str, str] | None = None, **given: str) -> Problem:
    (only,) = problems(*without, ambient=ambient, **given)
    return only


def test_what_is_given_is_read() -> None:
    inputs = read(
        project_id="9223372036854775807", type="Offline", timeout_minutes="1.5", settle_seconds="90"
    )

    assert inputs.project_id == 2**63 - 1
    assert (inputs.type, inputs.timeout_seconds, inputs.settle_seconds) == ("Offline", 90, 90)
    assert inputs.object_ids == ("7567482277219412494",)
    assert (inputs.endpoint.region, inputs.endpoint.host) == ("cn-shanghai", "")


@pytest.mark.parametrize("blank", ["", " ", "\n", "\t \r\n"])
def test_a_blank_input_is_the_default(blank: str) -> None:
    variables = environment()
    absent = {name: value for name, value in variables.items() if value}
    blanks = {name: value or blank for name, value in variables.items()}

    inputs = parse(Variables(absent))
    assert inputs == parse(Variables(blanks)) == parse(Variables(variables))
    assert isinstance(inputs, Inputs)
    assert (inputs.type, inputs.timeout_seconds, inputs.settle_seconds) == ("Online", 1800, 60)
    assert (inputs.on_active_run, inputs.on_rerun) == ("warn", "resume")
    assert (inputs.preflight, inputs.order, inputs.upstream) == (True, "dependencies", "warn")
    assert inputs.max_parallel is None


@pytest.mark.parametrize("blank", [",", " , ", ",,", ", \n,"])
def test_a_list_of_nothing_is_the_default_too(blank: str) -> None:
    """As if two unset variables were joined by a comma."""
    assert read(abolish_on=blank).abolish_on == read().abolish_on == {"cancel"}
    assert read(abolish_on="never").abolish_on == set()


@pytest.mark.parametrize("comma", ["，", "、", "， "])
def test_a_chinese_comma_does_not_separate(comma: str) -> None:
    given = f"cancel{comma}timeout"

    found = problem(abolish_on=given)

    assert isinstance(found, WrongComma)
    assert found.input == "abolish-on"
    assert "cancel" in found.given


def test_all_faults_are_reported_at_once() -> None:
    found = problems(
        "region",
        "access-key-id",
        project_id="ws",
        object_ids="[[1]]",
        type="Sideways",
        timeout_minutes="soon",
        settle_seconds="-1",
        preflight="maybe",
        order="name",
        upstream="skip",
        max_parallel="0.5",
        on_active_run="panic",
        on_rerun="again",
        abolish_on="cancel never",
        until_stage="Prod check",
        language="fr",
    )

    assert {*found} == {
        NotAProject("'ws'"),
        NotAnItem("object-ids", 1, "'[\"1\"]'"),
        NotOneOf("type", "'Sideways'", ("Online", "Offline")),
        NotANumber("timeout-minutes", "'soon'", 0.01, 8640, "minutes"),
        NotANumber("settle-seconds", "'-1'", 1, 600, "seconds"),
        NotOneOf("preflight", "'maybe'", ("true", "false")),
        NotOneOf("order", "'name'", ("dependencies", "given")),
        NotOneOf("upstream", "'skip'", ("warn", "fail", "include")),
        NotWhole("max-parallel", "'0.5'", 1, 100, or_auto=True),
        NotOneOf("on-active-run", "'panic'", tuple(OnActiveRun)),
        NotOneOf("on-rerun", "'again'", ("resume", "redeploy")),
        NotAlone("abolish-on", "never"),
        NotAStage("until-stage", "'Prod check'"),
        NotOneOf("language", "'fr'", ("en", "zh")),
        Slip.NO_REGION,
        HalfKey("access-key-id"),
    }


def test_empty_inputs_give_a_list_of_what_is_needed() -> None:
    invalid = parse(Variables({}))

    assert isinstance(invalid, Invalid)
    assert invalid.problems == (Slip.NO_OBJECTS, Slip.NO_PROJECT, Slip.NO_REGION, Slip.NO_KEY)


@pytest.mark.parametrize("given", ["online", "ONLINE", "oNLINE", " Online "])
def test_a_choice_is_read_in_any_case(given: str) -> None:
    assert read(type=given).type == "Online"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"wait": "false", "until_stage": "PROD"}, {Slip.STAGE_UNFOLLOWED}),
        ({"wait": "false", "run_ids": "1"}, {Slip.RUNS_UNFOLLOWED}),
        ({"auto_run_until_stage": "PROD"}, {Slip.STAGE_WITHOUT_AUTO}),
        ({"preflight": "false", "upstream": "warn"}, set()),
        ({"preflight": "false", "upstream": "fail"}, {Slip.UPSTREAM_UNREAD}),
        ({"preflight": "false", "upstream": "include"}, {Slip.UPSTREAM_UNREAD}),
        ({"order": "given", "upstream": "fail"}, set()),
        ({"order": "given", "upstream": "include"}, {Slip.UPSTREAM_UNORDERED}),
        ({"type": "Offline", "upstream": "fail"}, set()),
        ({"type": "Offline", "upstream": "include"}, {Slip.UPSTREAM_OFFLINE}),
        ({"run_mode": "auto"}, {Slip.AUTO_WITHOUT_STAGE}),
        (
            {"run_mode": "Auto", "auto_run_until_stage": "PROD", "run_ids": "1 2"},
            {Slip.RUNS_WITH_AUTO, Unpaired(2, 1)},
        ),
    ],
)
def test_inputs_that_contradict_each_other_are_refused(given: dict[str, str], found: set[Problem]) -> None:
    assert {*problems(ambient={}, **given)} == found


@pytest.mark.parametrize(
    "given", ["0", "-1", "+1", "1_000", "0x10", "my_workspace", "9223372036854775808", "１２", "1 2", "[1]"]
)
def test_a_project_id_is_a_positive_int64(given: str) -> None:
    assert problem(project_id=given) == NotAProject(repr(given))


@pytest.mark.parametrize("given", ["7.56748227721941E+18", "1e5", "12345.0"])
def test_a_project_id_that_became_a_float_is_recognised(given: str) -> None:
    assert problem(project_id=given) == NotAProject(given, is_float=True)


@pytest.mark.parametrize("name", ["timeout_minutes", "settle_seconds", "poll_seconds"])
@pytest.mark.parametrize(
    "given",
    [
        *("nan", "NaN", "inf", "-inf", "Infinity", "1e999", "-1", "0", "1e9", "five", "1,5", "1m", "0x1"),
        *("--1", "1_0", "١٠", "10 000", "."),
    ],
)
def test_a_number_is_finite_within_bounds_and_in_plain_digits(name: str, given: str) -> None:
    found = problem(ambient={}, **{name: given})

    assert isinstance(found, NotANumber)
    assert (found.input, found.given) == (name.replace("_", "-"), repr(given))


@pytest.mark.parametrize(
    ("given", "most"), [("", None), ("auto", None), (" AUTO ", None), ("1", 1), ("100", 100), ("007", 7)]
)
def test_max_parallel_is_a_number_or_auto(given: str, most: int | None) -> None:
    assert read(max_parallel=given).max_parallel == most


@pytest.mark.parametrize("given", ["0", "101", "-1", "+1", "1.0", "automatic", "none", "1_0", "１"])
def test_other_values_of_max_parallel_are_refused(given: str) -> None:
    assert problem(max_parallel=given) == NotWhole("max-parallel", repr(given), 1, 100, or_auto=True)


@pytest.mark.parametrize(("given", "seconds"), [("0.5", 30), ("30", 1800), ("1e1", 600), (" 2 ", 120)])
def test_a_timeout_may_be_a_fraction(given: str, seconds: float) -> None:
    assert read(timeout_minutes=given).timeout_seconds == seconds


@pytest.mark.parametrize(
    "given",
    ["cn_shanghai", "cn-shanghai.evil.com", "cn-shanghai/", "cn shanghai", "上海", "-"],
)
def test_a_region_is_a_region(given: str) -> None:
    assert problem(region=given) == NotARegion(repr(given))


def test_a_region_is_read_in_any_case_and_shown_as_written() -> None:
    assert read(region="CN-Shanghai").endpoint.region == "cn-shanghai"
    assert said(problem(region="华东2（上海）")).startswith("region: '华东2（上海）' is not a region")


@pytest.mark.parametrize(("given", "type_"), [("上线", "Online"), ("发布", "Online"), ("下线", "Offline")])
def test_a_type_may_be_the_consoles_word(given: str, type_: str) -> None:
    assert read(type=given).type == type_


@pytest.mark.parametrize(
    ("given", "language"), [("", "en"), ("ZH", "zh"), ("zh-CN", "zh"), ("zh_CN", "zh"), ("中文", "zh")]
)
def test_a_language_may_be_called_as_others_call_it(given: str, language: str) -> None:
    assert read(language=given).language == language


def test_what_is_wrong_is_said_in_the_language_that_was_asked_for() -> None:
    invalid = parse(Variables(environment(language="zh", type="Sideways")))

    assert isinstance(invalid, Invalid)
    assert invalid.language == "zh"


def test_the_endpoint_of_all_regions_keeps_the_region() -> None:
    assert read(endpoint="dataworks.aliyuncs.com", region="cn-qingdao").endpoint.region == "cn-qingdao"


@pytest.mark.parametrize(
    ("given", "host"), [("http://[::1]:8120", "[::1]:8120"), ("[::1]", "[::1]"), ("http://a:1", "a:1")]
)
def test_an_emulator_may_have_any_address(given: str, host: str) -> None:
    unsafe = {"DATAWORKS_ALLOW_UNSAFE_ENDPOINT": "true"}

    assert read(ambient=unsafe, endpoint=given).endpoint.host == host


def test_on_a_runner_the_outputs_must_have_a_file() -> None:
    on_runner = {"GITHUB_ACTIONS": "true"}

    assert problem(ambient=on_runner) is Slip.NO_OUTPUTS
    assert problem(ambient=on_runner | {"GITHUB_OUTPUT": ""}) is Slip.NO_OUTPUTS
    assert read(ambient=on_runner | {"GITHUB_OUTPUT": "/outputs"}).doubts == ()


def test_on_a_runner_a_deadline_after_the_end_of_the_job_is_doubted() -> None:
    on_runner = {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": "/outputs"}

    assert read(ambient=on_runner, timeout_minutes="361").doubts == (BeyondJobLimit(360),)
    assert read(ambient=on_runner, timeout_minutes="360").doubts == ()
    assert read(timeout_minutes="361").doubts == ()


@pytest.mark.parametrize("name", ["ALL_PROXY", "all_proxy"])
def test_all_proxy_is_doubted_because_nothing_uses_it(name: str) -> None:
    assert read(ambient={name: "http://proxy:1"}).doubts == (UnusedProxy(name),)
    assert read(ambient={name: "http://proxy:1", "HTTPS_PROXY": "http://proxy:1"}).doubts == ()


def test_an_endpoint_wins_over_a_region() -> None:
    assert read(endpoint="dataworks.cn-beijing.aliyuncs.com").endpoint.region == "cn-beijing"
    assert read("region", endpoint="dataworks.aliyuncs.com").endpoint.host == "dataworks.aliyuncs.com"


@pytest.mark.parametrize("allowed", ["", "false", "1", "yes", "true!"])
def test_an_unsafe_endpoint_needs_the_word_true_from_the_environment(allowed: str) -> None:
    ambient = {UNSAFE: allowed, f"INPUT_{UNSAFE}": "true"}

    assert problem(endpoint="http://h:1", ambient=ambient) == NotAnEndpoint("'http://h:1'", unsafe=False)
    assert read(endpoint="http://h:1", ambient={UNSAFE: "true"}).endpoint.protocol == "HTTP"


@pytest.mark.parametrize("allowed", ["true", "false"])
def test_a_login_in_an_endpoint_is_not_shown(allowed: str) -> None:
    found = problem(endpoint="http://u:pw-1234@h:1", ambient={UNSAFE: allowed})

    assert found == NotAnEndpoint("'h:1'", unsafe=allowed == "true")


def test_without_inputs_the_key_of_the_environment_is_used() -> None:
    found = key("access-key-id", "access-key-secret", ambient=AMBIENT)

    assert found == ("ambient-id", "ambient-secret", "ambient-token")


def test_the_halves_of_two_keys_are_never_mixed() -> None:
    assert key(ambient=AMBIENT, access_key_secret="  a-secret\n") == ("LTAI-id", "a-secret", "")


@pytest.mark.parametrize("missing", ["access-key-id", "access-key-secret"])
def test_half_a_key_is_refused_even_if_the_environment_has_a_complete_one(missing: str) -> None:
    assert problem(missing, ambient=AMBIENT) == HalfKey(missing)


def test_a_token_alone_is_refused() -> None:
    assert problem("access-key-id", "access-key-secret", security_token="t") == HalfKey("access-key-id")


@pytest.mark.parametrize(
    ("name", "part"), [("access_key_id", "id"), ("access_key_secret", "secret"), ("security_token", "token")]
)
@pytest.mark.parametrize("value", ["in side", "two\nlines", "a\x00b", "ключ", "a\x7fb"])
def test_a_key_with_an_impossible_character_is_refused_and_not_quoted(
    name: str, part: str, value: str
) -> None:
    assert problem(ambient={}, **{name: value}) == BrokenKey(part)


@pytest.mark.parametrize(
    "name",
    [
        *("region", "endpoint", "project-id", "object-ids", "run-ids", "objects-file"),
        *("preflight", "order", "upstream", "allow-empty", "max-objects"),
        *("timeout-minutes", "max-parallel", "on-rerun", "abolish-on", "until-stage", "language"),
    ],
)
@pytest.mark.parametrize("form", ["{}", '[["{}"]]', "x{}"])
def test_a_secret_in_a_wrong_input_is_removed_before_the_text_is_cut(name: str, form: str) -> None:
    """Half a secret could not be recognised and hidden later."""
    token = "CAIS/" + "aB3+" * 200
    variables = environment(security_token=token) | {f"INPUT_{name.upper()}": form.format(token)}

    invalid = parse(Variables(variables))

    assert isinstance(invalid, Invalid)
    text = "\n".join(map(said, invalid.problems))
    assert f"{name}: " in text
    assert "***" in text
    assert "cais" not in text.lower()


def test_a_key_is_never_shown() -> None:
    shown = repr(read(security_token="a-token"))

    assert "a-secret" not in shown
    assert "a-token" not in shown


def test_every_given_secret_is_a_secret_whether_it_is_used_or_not() -> None:
    ambient = AMBIENT | {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token"}
    source = Variables(environment(security_token="a-token", ambient=ambient))

    secrets = {"a-secret", "a-token", "ambient-secret", "ambient-token", "request-token"}
    assert {*secrets_of(source)} - {""} == secrets
    assert "request-token" not in repr(source.identity)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "Http_Proxy", "ALL_PROXY"])
@pytest.mark.parametrize("before", ["http://", "//", "", " SOCKS5://"])
@pytest.mark.parametrize(
    ("login", "secrets"),
    [
        ("jane:tell-nobody", {"jane:tell-nobody", "tell-nobody"}),
        ("jane:12345#pa@ss/w", {"jane:12345#pa@ss/w", "12345#pa@ss/w"}),
        ("jane:p%40ss%3Aw", {"jane:p%40ss%3Aw", "jane:p@ss:w", "p%40ss%3Aw", "p@ss:w"}),
        ("a-token", {"a-token"}),
        ("a-token:", {"a-token:", "a-token"}),
        ("jane:a://b", {"jane:a://b", "a://b"}),
    ],
)
def test_the_login_of_a_proxy_is_a_secret(name: str, before: str, login: str, secrets: set[str]) -> None:
    source = Variables({name: f"{before}{login}@proxy.invalid:3128"})

    assert {*secrets_of(source)} - {""} == secrets


@pytest.mark.parametrize("address", ["http://proxy.invalid:3128", "proxy.invalid:3128", "", "http://@x"])
def test_a_proxy_without_a_login_has_no_secret(address: str) -> None:
    assert {*secrets_of(Variables({"HTTPS_PROXY": address}))} <= {""}


@pytest.mark.parametrize("name", ["project_id", "object_ids", "type", "endpoint", "region", "max_parallel"])
def test_user_text_in_a_problem_is_harmless_and_short(name: str) -> None:
    for each in problems(ambient={}, **{name: "\u202e\x1b[31m é" * 100}):
        text = said(each)
        assert text.isprintable()
        assert len(text) < 700


@pytest.mark.parametrize(("given", "attempt"), [("1", 1), ("17", 17), ("", 1), ("x", 1), ("-3", 1)])
def test_a_wrong_attempt_counts_as_the_first(given: str, attempt: int) -> None:
    assert read(ambient={"GITHUB_RUN_ATTEMPT": given}).job.attempt == attempt


def test_the_default_description_says_where_a_run_comes_from() -> None:
    job = {
        "GITHUB_REPOSITORY": "octo/data",
        "GITHUB_RUN_ID": "42",
        "GITHUB_SHA": "9f2c1d4be0a7c3586d21e4f0b9a8c7d6e5f40312",
    }
    note = "octo/data@9f2c1d4be0a7 https://github.com/octo/data/actions/runs/42"

    assert read(ambient=job).description == note
    assert read(description="mine", ambient=job).description == "mine"
    assert read(ambient=job | {"ACT": "true"}).description == read().description == ""


OF_WORKFLOW = "octo-org/data/.github/workflows/deploy.yml@"


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ({"WORKFLOW_REF": f"{OF_WORKFLOW}refs/heads/main"}, ["--ref=main"]),
        ({"WORKFLOW_REF": f"{OF_WORKFLOW}refs/heads/feat/a@b"}, ["--ref=feat/a@b"]),
        ({"WORKFLOW_REF": f"{OF_WORKFLOW}refs/tags/v1"}, ["--ref=v1"]),
        ({"WORKFLOW_REF": f"{OF_WORKFLOW}refs/pull/7/merge"}, []),
        ({"WORKFLOW_REF": f"{OF_WORKFLOW}9f2c1d4be0a7c3586d21e4f0b9a8c7d6e5f40312"}, []),
    ],
)
def test_the_workflow_is_started_by_hand_on_the_same_branch_or_tag(
    job: dict[str, str], words: list[str]
) -> None:
    command = ["gh", "workflow", "run", "deploy.yml"]
    ambient = {f"GITHUB_{name}": value for name, value in job.items()} | {"GITHUB_RUN_ID": "42"}

    assert read(ambient=ambient).job.start == (*command, "--repo=octo-org/data", *words)
    own = ambient | {"GITHUB_SERVER_URL": "https://git.corp.example"}
    assert read(ambient=own).job.start == (*command, "--repo=git.corp.example/octo-org/data", *words)
    assert read(ambient=ambient | {"ACT": "true"}).job.start == ()


@pytest.mark.parametrize(
    "told",
    [
        *["", "deploy.yml", "octo-org/data/deploy.yml@refs/heads/main", f"{OF_WORKFLOW}refs/heads/a\u202eb"],
        *[f"{OF_WORKFLOW}refs/heads/a\nb", "a/b/.github/workflows/x\u200b.yml@refs/heads/main"],
    ],
)
def test_without_a_usable_workflow_ref_there_is_no_start_command(told: str) -> None:
    """Invisible characters must not be copied into a shell."""
    assert read(ambient={"GITHUB_RUN_ID": "42", "GITHUB_WORKFLOW_REF": told}).job.start == ()


def test_without_a_host_of_the_server_there_is_no_start_command() -> None:
    told = {"GITHUB_WORKFLOW_REF": f"{OF_WORKFLOW}refs/heads/main", "GITHUB_SERVER_URL": "https://[::1"}
    assert read(ambient={"GITHUB_RUN_ID": "42", **told}).job.start == ()


@pytest.mark.parametrize("description", ["caf\udce9", "half of a \ud83d"])
def test_a_description_that_is_not_text_is_refused(description: str) -> None:
    assert problem(description=description) == NotUtf8(
        "description", repr(description).encode("utf-8", "backslashreplace").decode()
    )
    assert read(description="café 部署 \U0001f600").description == "café 部署 \U0001f600"
