"""What an exchange gets from the answers of GitHub and STS: a session, or who gave none and why."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from dataworks_deploy.dataworks import transport
from dataworks_deploy.dataworks.keys import Exchange, Session
from dataworks_deploy.domain.ending import Fault, Refusal, Refused, Source, Symptom
from dataworks_emulator import Emulator, Role, Settings

from .canned import answer, canned
from .clock import EPOCH
from .role import PROVIDER, ROLE, identity

FINAL, LATER = Refusal.DENIED, Refusal.UNREACHABLE
KEY = '"AccessKeyId":"abcdefgh","AccessKeySecret":"abcdefgh","SecurityToken":"abcdefgh"'


class Desk:
    """An emulator that is asked for a session. `learned` contains the secrets that the exchange has received."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator, self.learned = emulator, list[str]()

    def ask(
        self,
        endpoint: str = "",
        audience: str = "sts.aliyuncs.com",
        seconds: int = 3600,
        now: float = EPOCH,
    ) -> Any:
        """Exchange once. `now` is the time of this machine, and `endpoint` is another STS."""
        exchange = Exchange(
            role_arn=ROLE,
            provider_arn=PROVIDER,
            audience=audience,
            session_name="job",
            session_seconds=seconds,
            sts_endpoint=f"http://{endpoint or self.emulator.endpoint}",
            learn=self.learned.extend,
        )
        return exchange.session(now)

    @property
    def asked(self) -> int:
        """How often STS was asked."""
        return len(self.emulator.truth.posts("AssumeRoleWithOIDC"))


DeskMaker = Callable[..., Desk]


@pytest.fixture
def desk_with(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeskMaker]:
    """Make desks with faults and settings."""
    transport.install()
    with ExitStack() as stack:

        def make(*faults: str, **settings: Any) -> Desk:
            emulator = stack.enter_context(Emulator(Settings(faults=faults, **settings), lambda: EPOCH))
            for name, value in identity(emulator).items():
                monkeypatch.setenv(name, value)
            return Desk(emulator)

        yield make


def test_the_secrets_of_a_session_are_known_before_it_is_used(desk_with: DeskMaker) -> None:
    desk = desk_with()

    session = desk.ask(seconds=1800)

    assert isinstance(session, Session)
    assert session.seconds == 1800
    assert desk.learned[1:] == [session.secret, session.token]
    assert desk.learned[0].count(".") == 2, "the ID token came first"


OF_STS: dict[str, tuple[Symptom, str]] = {
    "drop": (Symptom.RESET, ""),
    "reset": (Symptom.RESET, ""),
    "html": (Symptom.NOT_JSON, ""),
    "html:502": (Symptom.NO_CODE, "502"),
    "empty": (Symptom.NOT_JSON, ""),
    "json:[]": (Symptom.NO_CODE, "200"),
    "json:null": (Symptom.LACKING, ""),
    "json:{}": (Symptom.NO_CODE, "200"),
    'json:{"Credentials":null}': (Symptom.LACKING, ""),
    'json:{"Credentials":{"AccessKeyId":null,"AccessKeySecret":1,"SecurityToken":[],'
    '"Expiration":"2099-01-01T00:00:00Z"}}': (Symptom.NO_KEY, ""),
    'json:{"Credentials":{"AccessKeyId":"a b\\n::error::x","AccessKeySecret":"abcdefgh","SecurityToken":"abcdefgh",'
    '"Expiration":"2099-01-01T00:00:00Z"}}': (Symptom.NO_KEY, ""),
    f'json:{{"Credentials":{{{KEY},"Expiration":"2001-01-01T00:00:00Z"}}}}': (Symptom.NO_CODE, "200"),
    f'json:{{"Credentials":{{{KEY},"Expiration":7}}}}': (Symptom.LACKING, ""),
    "commit+truncate": (Symptom.CUT_SHORT, ""),
    "huge:9000000": (Symptom.CLOSED, ""),
    "redirect:http://127.0.0.1:9/": (Symptom.NO_CODE, "307"),
}


@pytest.mark.parametrize("fault", OF_STS)
def test_an_unusable_answer_of_sts_gives_no_session_for_now(desk_with: DeskMaker, fault: str) -> None:
    symptom, detail = OF_STS[fault]
    desk = desk_with(f"AssumeRoleWithOIDC:*:{fault}")

    ending = desk.ask()

    assert ending == Refused(LATER, Fault(symptom=symptom, detail=detail, source=Source.STS))
    assert desk.asked == 1


def test_a_session_that_has_ended_by_this_machines_clock_is_not_used(desk_with: DeskMaker) -> None:
    ending = desk_with().ask(now=EPOCH + 3601)

    assert ending == Refused(LATER, Fault(symptom=Symptom.SESSION_OVER, source=Source.STS))


OF_GITHUB: dict[str, tuple[Refusal, Symptom, str]] = {
    "drop": (LATER, Symptom.RESET, ""),
    "status:503": (LATER, Symptom.ID_TOKEN_REFUSED, "503"),
    "status:429": (LATER, Symptom.ID_TOKEN_REFUSED, "429"),
    "status:403": (FINAL, Symptom.ID_TOKEN_DENIED, "403"),
    "status:400": (FINAL, Symptom.ID_TOKEN_REFUSED, "400"),
    "html": (LATER, Symptom.NOT_JSON, ""),
    "html:502": (LATER, Symptom.ID_TOKEN_REFUSED, "502"),
    "json:[]": (LATER, Symptom.NOT_JSON, ""),
    "json:null": (LATER, Symptom.NOT_JSON, ""),
    'json:{"value":7}': (LATER, Symptom.NOT_AN_ID_TOKEN, ""),
    'json:{"value":["a"]}': (LATER, Symptom.NOT_AN_ID_TOKEN, ""),
    'json:{"value":"a.b\\n::error::x.c"}': (LATER, Symptom.NOT_AN_ID_TOKEN, ""),
    "huge:9000000": (LATER, Symptom.CLOSED, ""),
    "redirect:http://127.0.0.1:9/": (LATER, Symptom.ID_TOKEN_REFUSED, "307"),
}


@pytest.mark.parametrize("fault", OF_GITHUB)
def test_without_an_id_token_sts_is_not_asked(desk_with: DeskMaker, fault: str) -> None:
    why, symptom, detail = OF_GITHUB[fault]
    desk = desk_with(f"GetIdToken:*:{fault}")

    ending = desk.ask()

    assert ending == Refused(why, Fault(symptom=symptom, detail=detail, source=Source.GITHUB))
    assert (desk.asked, desk.learned) == (0, [])


REFUSALS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no such role": ({"roles": (Role("acs:ram::1:role/other"),)}, {}, "EntityNotExist.Role"),
    "another subject": (
        {"roles": (Role(ROLE, "repo:octo-org/warehouse:*"),)},
        {},
        "AuthenticationFail.NoPermission",
    ),
    "no such provider": (
        {"oidc_providers": ("acs:ram::1:oidc-provider/x",)},
        {},
        "AuthenticationFail.NoPermission",
    ),
    "wrong audience": ({}, {"audience": "else"}, "AuthenticationFail.OIDCToken.AudienceNotMatch"),
    "expired token": ({"id_token_seconds": 0}, {}, "AuthenticationFail.OIDCToken.Expired"),
    "too long": ({"sts_max_seconds": 1800}, {}, "InvalidParameter.DurationSeconds"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_of_sts_has_the_words_and_the_request_id_of_sts(desk_with: DeskMaker, case: str) -> None:
    settings, asked, code = REFUSALS[case]
    desk = desk_with(**settings)

    ending = desk.ask(**asked)

    assert isinstance(ending, Refused)
    fault = ending.fault
    (answered,) = desk.emulator.truth.of("answered", action="AssumeRoleWithOIDC")
    assert (ending.why, fault.source, fault.symptom) == (FINAL, Source.STS, None)
    assert (fault.code, fault.detail, fault.request_id) == (code, answered["request_id"], None)
    assert fault.message
    assert fault.http_status in {400, 401, 404}


@pytest.mark.parametrize("fault", ["throttle", "error:Throttling", "status:500"])
def test_a_temporary_error_of_sts_is_not_final_and_is_no_throttling_by_dataworks(
    desk_with: DeskMaker, fault: str
) -> None:
    ending = desk_with(f"AssumeRoleWithOIDC:*:{fault}").ask()

    assert isinstance(ending, Refused)
    assert (ending.why, ending.fault.throttles) == (LATER, fault != "status:500")
    assert ending.fault.code


@pytest.mark.parametrize(
    "body",
    [b'{"Code":' + b"[" * 100_000, b'{"a":' * 100_000, b'{"Code":7,"Message":[]}', b"{"],
    ids=["deep", "deeper", "other types", "cut"],
)
@pytest.mark.usefixtures("swept")
@pytest.mark.parametrize("status", ["400 Bad", "500 Oops"])
def test_a_body_that_cannot_be_parsed_is_no_answer_of_sts(
    desk_with: DeskMaker, status: str, body: bytes
) -> None:
    with canned(answer(body, status)) as server:
        ending = desk_with().ask(server.endpoint)

    assert ending == Refused(LATER, Fault(symptom=Symptom.NO_CODE, detail=status[:3], source=Source.STS))
