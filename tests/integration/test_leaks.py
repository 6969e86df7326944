"""No form of a key or token gets out, under any fault and in any spelling."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from dataworks_emulator.faults import KINDS

from ..witness.secrets import spellings
from .canned import NEVER_OLD_MS, answer, canned
from .conftest import SiteMaker
from .ended import Ended
from .job import KEY
from .role import RoleSite, Sealed

VALUES = {"number": "1", "number?": "", "text": "{}", "": ""}
SPECIAL = {
    "status": "500",
    "error": "SignatureDoesNotMatch",
    "redirect": "http://127.0.0.1:9/",
    "huge": "100000",
}
SPECIAL |= {"delay": "0.02", "late": "0.5", "drip": "0.05", "lag": "0.5"}
FAULTS = [f"{kind}:{SPECIAL.get(kind, VALUES[takes])}".rstrip(":") for kind, takes in KINDS.items()]
CALLS = (
    "CreatePipelineRun",
    "GetPipelineRun",
    "ListPipelineRuns",
    "ExecPipelineRunStage",
    "AbolishPipelineRun",
)
SECRET = "Odd/secret+of=the%test&session~1"
JWT = "aGVhZGVy.cGF5-bG9h_ZA.c2lnbm-F0dXJl"
FORMS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "URL": lambda text: quote(text, safe=""),
    "URL in small letters": lambda text: _small(quote(text, safe="")),
    "URL with slashes": quote,
    "URL with pluses": quote_plus,
    "URL twice": lambda text: quote(quote(text, safe=""), safe=""),
    "URL twice in small letters": lambda text: _small(quote(quote(text, safe=""), safe="")),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 in a longer text": lambda text: base64.b64encode(f"{{'k':'{text}'}}".encode()).decode(),
    "URL-safe base64": lambda text: base64.urlsafe_b64encode(f"a{text}b".encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
}


def _small(text: str) -> str:
    return "".join(char.lower() if "%" in text[max(0, at - 4) : at] else char for at, char in enumerate(text))


def everything(ended: Ended, folder: Path) -> str:
    """Return everything that a step has written, without the masks."""
    shown = [line for line in ended.stdout.splitlines() if not line.startswith("::add-mask::")]
    files = [path.read_text("utf-8") for path in sorted(folder.rglob("*")) if path.is_file()]
    return "\n".join([*shown, ended.stderr, *files])


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_leaks_a_key(site_with: SiteMaker, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """Every call fails in this way, sometimes after it was carried out. The keys have spaces around them."""
    monkeypatch.setenv("DEBUG", "sdk")
    kind = fault.partition(":")[0]
    rules = [f"{action}:2-3:{fault}" for action in CALLS[1:]] + [f"{CALLS[0]}:1:{fault}"]
    if kind in {"drop", "echo", "hostile", "status", "json"}:
        rules += [f"{CALLS[0]}:2:commit+{fault}"]
    site = site_with(*rules, stage_seconds=1)

    ended = site.run(
        access_key_id=f" {KEY.access_key_id}\r\n",
        access_key_secret=f"\t{KEY.secret}\n",
        security_token=f"\r\n {KEY.token} \n",
        wait="true",
        timeout_minutes="1",
        settle_seconds="4",
        poll_seconds="1",
    )

    text = everything(ended, site.folder)
    assert [form for secret in (KEY.secret, KEY.token) for form in spellings(secret) if form in text] == []
    assert "Traceback" not in text
    assert "authorization" not in text.lower().replace("proxy-authorization", "")


@pytest.mark.parametrize(
    ("form", "where"),
    [*((form, "session") for form in FORMS), ("raw", "key"), ("base64 in a longer text", "sts")],
)
def test_a_secret_that_is_echoed_in_any_form_is_removed(site_with: SiteMaker, form: str, where: str) -> None:
    """The service echoes the key or the session, and STS echoes the ID token."""
    opened = site_with()
    site = RoleSite(opened, Sealed(opened.emulator))
    echoed = FORMS[form](JWT if where == "sts" else SECRET)
    body = {"Code": "Odd", "Message": f"you sent <{echoed}> to us", "RequestId": f"R-{echoed}"}
    with (
        canned(answer(json.dumps({"value": JWT}).encode())) as issuer,
        canned(answer(json.dumps(session()).encode())) as sts,
        canned(answer(json.dumps(body).encode(), "400 Bad Request")) as mirror,
    ):
        refusing = {"sts": mirror, "session": sts, "key": sts}[where]
        variables = {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://{issuer.endpoint}/?a=b",
            "INPUT_STS-ENDPOINT": f"http://{refusing.endpoint}",
        }
        inputs = {"endpoint": f"http://{mirror.endpoint}"}
        if where == "key":
            inputs |= {
                "role_arn": "",
                "oidc_provider_arn": "",
                "access_key_id": "key-id",
                "access_key_secret": SECRET,
            }
        ended = site.run(variables=variables, **inputs)

    assert ended.only["outcome"] == "rejected"
    assert "you sent" in ended.only["message"]
    text = everything(ended, opened.folder)
    assert echoed not in text
    assert [each for each in spellings(JWT if where == "sts" else SECRET) if each in text] == []


def session() -> dict[str, Any]:
    """Return an answer of STS."""
    key = {"AccessKeyId": "STS.key-id", "AccessKeySecret": SECRET, "SecurityToken": SECRET}
    return {"Credentials": key | {"Expiration": "2099-01-01T00:00:00Z"}}


@pytest.mark.parametrize(("cut", "kept"), [(400, 8), (2000, 20)])
def test_a_secret_is_removed_before_a_text_is_cut(site_with: SiteMaker, cut: int, kept: int) -> None:
    """After the cut, the rest of the secret would not be recognised."""
    site = site_with()
    body = {"Code": "Odd", "Message": "x" * (cut - len("Odd: …") - kept) + KEY.secret, "RequestId": "R-1"}
    with canned(answer(json.dumps(body).encode(), "400 Bad Request")) as server:
        ended = site.run(endpoint=f"http://{server.endpoint}")

    assert KEY.secret[:6] not in everything(ended, site.folder)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as Gson writes it": lambda text: text.replace("=", r"\u003d").replace("&", r"\u0026"),
    "with slashes escaped": lambda text: text.replace("/", r"\/"),
    "in numbers": lambda text: "".join(f"\\u{ord(char):04X}" for char in text),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("before", [20, 380], ids=["whole", "cut"])
def test_a_secret_is_found_in_any_spelling_of_json(site_with: SiteMaker, spelling: str, before: int) -> None:
    site = site_with()
    message = "x" * before + SPELLINGS[spelling](KEY.token)
    with canned(
        answer(f'{{"Code":"Odd","Message":"{message}","RequestId":"R-1"}}'.encode(), "400 Bad Request")
    ) as server:
        ended = site.run(endpoint=f"http://{server.endpoint}")

    assert "xxx" in ended.only["message"]
    assert KEY.token[:4] not in everything(ended, site.folder)


def test_the_signed_text_is_left_out_for_every_code_about_signatures(site_with: SiteMaker) -> None:
    site = site_with()
    said = "It does not conform. server string to sign is:POST\nx-acs-action:CreatePipelineRun"
    body = {"Code": "IncompleteSignature", "Message": said, "RequestId": "R-1"}
    with canned(answer(json.dumps(body).encode(), "400 Bad Request")) as server:
        ended = site.run(endpoint=f"http://{server.endpoint}")

    assert "It does not conform." in ended.only["message"]
    assert "x-acs-action" not in everything(ended, site.folder)


@pytest.mark.parametrize("blank", ["", "\t \r\n"])
def test_a_blank_secret_makes_no_mask(site_with: SiteMaker, blank: str) -> None:
    """GitHub passes an empty text for a secret that does not exist."""
    opened = site_with()
    site = RoleSite(opened, Sealed(opened.emulator))

    ended = site.run(access_key_id="", access_key_secret=blank, security_token=blank)

    masks = [command.data for command in ended.stream.of("add-mask")]
    assert all(len(mask) >= 6 and mask.strip() for mask in masks)


def test_a_secret_that_is_not_valid_text_is_an_invalid_input(site_with: SiteMaker) -> None:
    ended = site_with().run(access_key_secret="half-a-character-\ud83d-in-a-secret")

    assert ended.outcome == "invalid"
    assert "half-a-character" not in "".join(ended.errors)


def test_half_of_a_character_in_an_answer_does_not_lose_the_outputs(site_with: SiteMaker) -> None:
    site = site_with()
    run = rb'{"Id":"run-\ud83d-1","Status":"Running","CreateTime":%d,"Stages":[]}' % NEVER_OLD_MS
    body = rb'{"Id":"run-\ud83d-1","RequestId":"R-\ud83d","Pipeline":' + run + b"}"
    with canned(answer(body)) as server:
        ended = site.run(endpoint=f"http://{server.endpoint}")

    assert ended.outcome == "created"
    assert ended.outputs["run-id"].startswith("run-")
