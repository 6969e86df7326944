"""The runner's environment becomes one value, or every fault in it at once."""

from collections.abc import Mapping

import pytest

from dataworks_deploy.hosts.inputs import DEFAULTS, Inputs, Invalid, Key, parse, secrets_of

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


def environment(*without: str, ambient: Mapping[str, str] | None = None, **given: str) -> dict[str, str]:
    """Make the runner's variables of inputs; every declared input is there, empty where it is absent."""
    inputs = dict.fromkeys(DEFAULTS, "") | GOOD
    inputs |= {name.replace("_", "-"): value for name, value in given.items()} | dict.fromkeys(without, "")
    return {f"INPUT_{name.upper()}": value for name, value in inputs.items()} | dict(ambient or {})


def read(*without: str, ambient: Mapping[str, str] | None = None, **given: str) -> Inputs:
    inputs = parse(environment(*without, ambient=ambient, **given))
    assert isinstance(inputs, Inputs), inputs
    return inputs


def key(*without: str, ambient: Mapping[str, str] | None = None, **given: str) -> tuple[str, str, str]:
    credentials = read(*without, ambient=ambient, **given).credentials
    assert isinstance(credentials, Key)
    return credentials.id, credentials.secret, credentials.token


def problems(*without: str, ambient: Mapping[str, str] | None = None, **given: str) -> tuple[str, ...]:
    invalid = parse(environment(*without, ambient=ambient, **given))
    return invalid.problems if isinstance(invalid, Invalid) else ()


def problem(*without: str, ambient: Mapping[str, str] | None = None, **given: str) -> str:
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

    assert parse(absent) == parse(blanks) == parse(variables)
    inputs = parse(absent)
    assert isinstance(inputs, Inputs)
    assert (inputs.type, inputs.timeout_seconds, inputs.settle_seconds) == ("Online", 1800, 60)
    assert (inputs.on_active_run, inputs.on_rerun) == ("fail", "resume")


@pytest.mark.parametrize("blank", [",", " , ", ",,", ", \n,"])
def test_a_list_of_nothing_is_the_default_too(blank: str) -> None:
    """As from two variables that are not set, joined by a comma."""
    assert read(abolish_on=blank).abolish_on == read().abolish_on == {"cancel"}
    assert read(abolish_on="never").abolish_on == set()


def test_all_faults_are_reported_at_once() -> None:
    found = problems(
        "region",
        "access-key-id",
        project_id="ws",
        object_ids="[[1]]",
        type="Sideways",
        timeout_minutes="soon",
        settle_seconds="-1",
        on_active_run="panic",
        on_rerun="again",
    )

    names = [text.partition(":")[0] for text in found]
    assert sorted(names) == sorted(
        [
            *("project-id", "object-ids", "type", "timeout-minutes", "settle-seconds", "on-active-run"),
            *("on-rerun", "region", "access-key-id"),
        ]
    )


def test_nothing_at_all_is_a_list_of_what_is_needed() -> None:
    invalid = parse({})

    assert isinstance(invalid, Invalid)
    assert [text.partition(":")[0] for text in invalid.problems] == [
        *("object-ids", "project-id", "region", "access-key-id")
    ]


@pytest.mark.parametrize("given", ["online", "ONLINE", "Online", "oNLINE", " Online "])
def test_the_type_is_read_in_any_case(given: str) -> None:
    assert read(type=given).type == "Online"


@pytest.mark.parametrize(
    "given",
    [
        "0",
        "-1",
        "+1",
        "1.0",
        "1e3",
        "1_000",
        "0x10",
        "my_workspace",
        "9223372036854775808",
        "１２",
        "1 2",
        "[1]",
    ],
)
def test_a_project_id_is_a_positive_int64(given: str) -> None:
    assert problem(project_id=given).startswith("project-id: ")


@pytest.mark.parametrize("given", ["7.56748227721941E+18", "1e5", "12345.0"])
def test_a_project_id_that_became_a_float_is_explained_by_its_own_name(given: str) -> None:
    said = problem(project_id=given)

    assert 'quote it, as project-id: "12345"' in said
    assert "object-ids" not in said


@pytest.mark.parametrize("name", ["timeout_minutes", "settle_seconds"])
@pytest.mark.parametrize(
    "given",
    ["nan", "NaN", "inf", "-inf", "Infinity", "1e999", "-1", "0", "1e9", "five", "1,5", "1m", "0x1", "--1"],
)
def test_a_number_is_finite_and_within_bounds(name: str, given: str) -> None:
    assert problem(ambient={}, **{name: given}).startswith(f"{name.replace('_', '-')}: ")


@pytest.mark.parametrize(("given", "seconds"), [("0.5", 30), ("30", 1800), ("1e1", 600), (" 2 ", 120)])
def test_a_timeout_may_be_a_fraction(given: str, seconds: float) -> None:
    assert read(timeout_minutes=given).timeout_seconds == seconds


@pytest.mark.parametrize(
    "given",
    [
        "CN-SHANGHAI",
        "cn_shanghai",
        "cn-shanghai.evil.com",
        "cn-shanghai/",
        "cn shanghai",
        "上海",
        "evil.com#",
        "-",
    ],
)
def test_a_region_is_a_region(given: str) -> None:
    assert problem(region=given).startswith("region: ")


def test_an_endpoint_wins_over_a_region() -> None:
    assert read(endpoint="dataworks.cn-beijing.aliyuncs.com").endpoint.region == "cn-beijing"
    assert read("region", endpoint="dataworks.aliyuncs.com").endpoint.host == "dataworks.aliyuncs.com"


@pytest.mark.parametrize("allowed", ["", "false", "1", "yes", "true!"])
def test_an_unsafe_endpoint_needs_the_word_true(allowed: str) -> None:
    unsafe = "http://127.0.0.1:8080"

    assert problem(endpoint=unsafe, ambient={"DATAWORKS_ALLOW_UNSAFE_ENDPOINT": allowed}).startswith(
        "endpoint: "
    )
    assert (
        read(endpoint=unsafe, ambient={"DATAWORKS_ALLOW_UNSAFE_ENDPOINT": "true"}).endpoint.protocol == "HTTP"
    )


@pytest.mark.parametrize("rest", ["127.0.0.1:8080/v1", "u:pw-1234@127.0.0.1:8080", "127.0.0.1:99999"])
def test_where_it_is_allowed_the_cause_is_another(rest: str) -> None:
    said = problem(endpoint=f"http://{rest}", ambient={"DATAWORKS_ALLOW_UNSAFE_ENDPOINT": "true"})

    assert "Leave out everything else, such as a path or a login" in said
    assert "DATAWORKS_ALLOW" not in said
    assert "pw-1234" not in said


def test_a_login_in_an_endpoint_is_not_shown() -> None:
    assert "pw-1234" not in problem(endpoint="https://u:pw-1234@dataworks.cn-shanghai.aliyuncs.com")


def test_an_input_cannot_allow_an_unsafe_endpoint() -> None:
    ambient = {"INPUT_DATAWORKS_ALLOW_UNSAFE_ENDPOINT": "true"}

    assert problem(endpoint="http://127.0.0.1:8080", ambient=ambient).startswith("endpoint: ")


def test_the_key_of_the_environment_is_used_where_no_input_is_set() -> None:
    assert key("access-key-id", "access-key-secret", ambient=AMBIENT) == (
        *("ambient-id", "ambient-secret", "ambient-token"),
    )


def test_the_halves_of_two_keys_are_never_mixed() -> None:
    assert key(ambient=AMBIENT) == ("LTAI-id", "a-secret", "")


@pytest.mark.parametrize("missing", ["access-key-id", "access-key-secret"])
def test_half_a_key_is_refused_even_where_the_environment_has_a_whole_one(missing: str) -> None:
    assert problem(missing, ambient=AMBIENT).startswith(f"{missing}: ")


def test_a_token_alone_is_refused() -> None:
    assert problem("access-key-id", "access-key-secret", security_token="a-token")


@pytest.mark.parametrize("name", ["access_key_id", "access_key_secret", "security_token"])
@pytest.mark.parametrize("value", ["in side", "two\nlines", "a\x00b", "ключ", "a\x7fb"])
def test_a_key_with_an_impossible_character_is_refused_and_not_quoted(name: str, value: str) -> None:
    text = problem(ambient={}, **{name: value})

    assert value not in text
    assert "Copy it again" in text


def test_blanks_around_a_key_are_dropped() -> None:
    assert key(access_key_secret="  a-secret\n")[1] == "a-secret"


@pytest.mark.parametrize("text", ["1_0", "0x10", "-1", "١٠", "10 000", "1,5", "inf", "nan", "."])
def test_a_number_is_one_to_everybody(text: str) -> None:
    invalid = parse(environment(timeout_minutes=text))

    assert isinstance(invalid, Invalid)
    assert "is not a number of minutes" in "\n".join(invalid.problems)


@pytest.mark.parametrize(
    "name",
    [
        *("region", "endpoint", "project-id", "object-ids", "run-ids"),
        *("timeout-minutes", "max-parallel", "on-rerun", "abolish-on", "until-stage"),
    ],
)
@pytest.mark.parametrize("form", ["{}", '[["{}"]]', "x{}"])
def test_a_secret_in_a_wrong_input_is_hidden_before_the_text_is_cut(name: str, form: str) -> None:
    """What is cut is no secret any more that could be found and hidden later."""
    token = "CAIS/" + "aB3+" * 200
    variables = environment(security_token=token) | {f"INPUT_{name.upper()}": form.format(token)}

    invalid = parse(variables)

    assert isinstance(invalid, Invalid)
    text = "\n".join(invalid.problems)
    assert f"{name}: " in text
    assert "***" in text
    assert "cais" not in text.lower()


def test_a_key_is_never_shown() -> None:
    shown = repr(read(security_token="a-token"))

    assert "a-secret" not in shown
    assert "a-token" not in shown


def test_every_secret_counts_as_one_whether_it_is_used_or_not() -> None:
    found = secrets_of(environment(security_token="a-token", ambient=AMBIENT))

    assert {*found} - {""} == {"a-secret", "a-token", "ambient-secret", "ambient-token"}


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
def test_the_login_of_a_proxy_is_a_secret(before: str, login: str, secrets: set[str]) -> None:
    assert {*secrets_of({"HTTPS_PROXY": f"{before}{login}@proxy.invalid:3128"})} - {""} == secrets


@pytest.mark.parametrize("name", ["https_proxy", "HTTP_PROXY", "Http_Proxy", "ALL_PROXY"])
def test_every_variable_that_names_a_proxy_may_hold_a_secret(name: str) -> None:
    assert "tell-nobody" in secrets_of({name: "http://jane:tell-nobody@proxy.invalid:3128"})


@pytest.mark.parametrize("address", ["http://proxy.invalid:3128", "proxy.invalid:3128", "", "http://@x"])
def test_a_proxy_without_a_login_has_no_secret(address: str) -> None:
    assert {*secrets_of({"HTTPS_PROXY": address})} <= {""}


def test_foreign_text_in_a_problem_is_ascii_and_short() -> None:
    for name in ("project_id", "type", "endpoint", "region", "timeout_minutes"):
        text = problem(ambient={}, **{name: "\u202e\x1b[31m é" * 100})
        assert text.isascii()
        assert text.isprintable()
        assert len(text) < 500


@pytest.mark.parametrize(("given", "attempt"), [("1", 1), ("2", 2), ("17", 17), ("", 1), ("x", 1), ("-3", 1)])
def test_the_attempt_is_read_leniently(given: str, attempt: int) -> None:
    assert read(ambient={"GITHUB_RUN_ATTEMPT": given}).job.attempt == attempt


def test_the_default_description_says_where_a_run_comes_from() -> None:
    job = {
        "GITHUB_REPOSITORY": "octo/data",
        "GITHUB_RUN_ID": "42",
        "GITHUB_SHA": "9f2c1d4be0a7c3586d21e4f0b9a8c7d6e5f40312",
    }

    assert (
        read(ambient=job).description == "octo/data@9f2c1d4be0a7 https://github.com/octo/data/actions/runs/42"
    )
    assert read(description="mine", ambient=job).description == "mine"
    assert read().description == ""


@pytest.mark.parametrize("description", ["caf\udce9", "half of a \ud83d"])
def test_a_description_that_is_no_text_is_refused_before_anything_is_sent(description: str) -> None:
    assert "not in UTF-8" in problem(description=description)
    assert read(description="café 部署 \U0001f600").description == "café 部署 \U0001f600"
