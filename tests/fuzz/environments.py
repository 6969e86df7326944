"""Environments of a step, most of them nearly good, and rules for how the step reads them."""

import random
from collections.abc import Iterator, Mapping

from dataworks_deploy.domain.secrets import Secrets
from dataworks_deploy.hosts.github import Variables
from dataworks_deploy.hosts.inputs import Inputs, Invalid, parse, secrets_of
from dataworks_deploy.journal import StepJournal
from dataworks_deploy.main import _refuse
from dataworks_deploy.render.problems import said
from dataworks_deploy.wiring import assignment_of

from ..integration.job import JOB, OBJECTS, PROJECT, action, input_variables
from .shown import Page, faults
from .texts import FORMS, KEY_SECRET, TOKEN, spoilt, text

GIVEN = {
    "project-id": PROJECT,
    "object-ids": "\n".join(OBJECTS),
    "region": "cn-shanghai",
    "access-key-id": "LTAI-fuzz",
    "access-key-secret": KEY_SECRET,
    "security-token": TOKEN,
}
ROLE = {
    "INPUT_ACCESS-KEY-ID": "", "INPUT_ACCESS-KEY-SECRET": "", "INPUT_SECURITY-TOKEN": "",
    "INPUT_ROLE-ARN": "acs:ram::1234567890123456:role/deployer",
    "INPUT_OIDC-PROVIDER-ARN": "acs:ram::1234567890123456:oidc-provider/github",
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://token.invalid/x",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": TOKEN,
}  # fmt: skip
GOOD = JOB | input_variables(GIVEN)
KEPT = ("INPUT_ACCESS-KEY-SECRET", "INPUT_SECURITY-TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
NAMES = (
    "GITHUB_WORKSPACE", *["INPUT_OBJECTS"] * 2,
    *(f"INPUT_{name.upper()}" for name in action()["inputs"]),
    *(f"ALIBABA_CLOUD_{name}" for name in ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN")),
    *JOB, *ROLE, "DATAWORKS_ALLOW_UNSAFE_ENDPOINT", "INPUT_STS-ENDPOINT", "ACT",
)  # fmt: skip
IDS = (
    '["1", "2"]',
    "[1, 2.5]",
    "[[1]]",
    '{"a": 1}',
    "1,2\n3",
    "[1, NaN]",
    '["a" , "a"]',
    "[" * 3000,
    "1，2",
    "[1e5]",
)
WORDS = [
    "true",
    "FALSE",
    "auto",
    "0.5",
    "Auto",
    "PROD",
    "cancel,timeout",
    "resume",
    "Offline",
    "given",
    "include",
]
LINES = (
    "dwd_*\n!dwd_tmp  # not this one",
    "# none",
    "!a\nb",
    "- a\n- b",
    "'a'\n7.5E+18\ntable:x\nnode:",
    "\ufeff业务流程/**\r\nnode：a",
    "*" * 3000,
    "!" * 3000,
)


def drawn(rng: random.Random) -> dict[str, str]:
    """The environment of a seed."""
    environment = GOOD | (ROLE if rng.random() < 0.2 else {})
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3, 8))):
        name = rng.choice(NAMES)
        environment[name] = _value(rng, name, environment)
        if rng.random() < 0.1:
            del environment[name]
    return environment


def _value(rng: random.Random, name: str, environment: Mapping[str, str]) -> str:
    match rng.randrange(6):
        case 0:
            return spoilt(rng, environment.get(name, ""))
        case 1:
            return environment[rng.choice(list(environment))]  # the value of another variable
        case 2 if name.endswith("-IDS"):
            return rng.choice(IDS)
        case 2 if name == "INPUT_OBJECTS":
            return rng.choice(LINES)
        case 3:
            return rng.choice(WORDS)
        case _:
            return text(rng)


def broken(environment: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with how the step reads the environment."""
    source = Variables(environment)
    taken = parse(source)
    problems = taken.problems if isinstance(taken, Invalid) else ()
    words = [said(each) for each in (*taken.doubts, *problems)]
    others = [value for name, value in environment.items() if name not in KEPT]
    # Raw and quoted, because in a quotation the end of an escape may complete a part of a secret.
    given = "\n".join([*others, *map(repr, others)])
    # A secret in a wrong place is quoted, and only the journal hides it.
    quoted = [form for form in FORMS if form not in given and any(form in each for each in words)]
    if quoted:
        yield f"{quoted} is quoted in {words}"
    page, secrets = Page(), Secrets((*secrets_of(source), KEY_SECRET, TOKEN))
    journal = StepJournal(page, secrets)
    with page.recorded():
        if isinstance(taken, Inputs):
            assignment_of(taken)
            for doubt in taken.doubts:
                journal.alert(None, said(doubt))
            return
        status = _refuse(journal, tuple(map(said, taken.problems)))
    if status != 2 or not taken.problems:
        yield f"exit status {status} for {taken.problems}"
    yield from faults(page, [], words)
