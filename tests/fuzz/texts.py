"""Texts and values with a meaning for a parser, a runner, a page or a terminal, and ways to damage a text."""

import random
from typing import Any
from urllib.parse import quote

from ..witness.secrets import spellings

KEY_SECRET, TOKEN = "fuzz/key+secret=0123456789", "CAIS/fuzz+token==%41~0123456789"
SECRETS = (KEY_SECRET, TOKEN)
# The secrets of a job with a role: an ID token, and the secret and the token of the session.
ID_TOKEN, SESSION_SECRET, SESSION_TOKEN = (
    "eyJhbGciOi.fuzz-id-token.c2ln_0123",
    "fuzz9session9secret",
    "CAIS/session+fuzz==",
)
FORMS = tuple(
    form for each in (*SECRETS, ID_TOKEN, SESSION_SECRET, SESSION_TOKEN) for form in spellings(each)
)
# Forms that a service or a person may quote. Not base64, because a cut part would still look like a leak.
QUOTED = tuple(form for secret in SECRETS for form in (secret, quote(secret, safe=""), secret.encode().hex()))

SHORT = (
    "",
    " ",
    "0",
    "-1",
    "1",
    "true",
    "null",
    "None",
    "NaN",
    "[]",
    "{}",
    '""',
    "a",
    ",",
    "\t",
    "\x00",
    "*",
)
NUMBERS = (
    "1e3", "7.56748227721941E+18", "9" * 19, "9" * 30, "9" * 5000, "1" + "0" * 18, "0x10", "1_000", "١٢٣", "²", "1.5",
    f"{'1' * 3000}.5", f"1e{'9' * 400}", "-0", "inf", "-inf", "1e400", "0.1", "18446744073709551616", "00012",
)  # fmt: skip
COMMANDS = (
    "::error::x", "\n::set-output name=outcome::succeeded", "\r::add-mask::a", "##[set-env name=A]b", "ghadelimiter_1",
    "%0A::stop-commands::x", "\u2028::error::x", "\x85##[error]x", "\x0b::warning::x", "x##[debug]y",
    "##\u200b[error]x", "\r\n\r\n::endgroup::", "outcome=succeeded\n", "results<<END\n[]\nEND\n",
)  # fmt: skip
MARKUP = (
    "<script>alert(1)</script>", "[a](https://evil.invalid)", "![a](https://evil.invalid)", "@octocat", "|", "`", "```",
    "</details>", "<!--", "&#60;b&#62;", "www.evil.invalid", "https://evil.invalid", "\\", "#1", "~~~", "---", "$x$",
)  # fmt: skip
UNICODE = (
    "\u202eexe", "\ufeff", "\u200b", "é" * 7, "\U0001f600", "\ud83d", "\udcff", "\udc80\udc81", "部署", "\ufffe", "，",
    "流水线不是正在运行", "\u0130", "\ufb01", "\U000e0041", "\ufb00", "\u0345", "e\u0301" * 5, "\u3000",
)  # fmt: skip
LONG = ("x" * 300, "x" * 70, "y\n" * 120, "[" * 2000, "9," * 200, "长" * 500)
WORDS = (
    "Init", "Running", "Success", "Fail", "Termination", "Cancel", "Check", "Deploy", "PROD", "PROD_CHECK", "200",
    "Throttling", "Throttling.User", "Throttling.Api.Risk", "SignatureNonceUsed", "9990020002", "Forbidden.Access",
    "NoPermission", "InvalidSecurityToken.Expired", "InternalError.System", "https", "cn-shanghai", "never",
    "dataworks.cn-shanghai.aliyuncs.com", "http://127.0.0.1:8080", "https://[::1", "a@b:c", "acs:ram::1:role/a",
)  # fmt: skip
POOLS = (SHORT, NUMBERS, COMMANDS, MARKUP, UNICODE, LONG, WORDS, QUOTED)


def text(rng: random.Random) -> str:
    """A text of one to four pieces, sometimes damaged."""
    joined = "".join(rng.choice(rng.choice(POOLS)) for _ in range(rng.choice((1, 1, 2, 4))))
    return spoilt(rng, joined) if rng.random() < 0.2 else joined


def spoilt(rng: random.Random, whole: str) -> str:
    """The text with something removed, doubled or added."""
    start = rng.randint(0, len(whole))
    end = min(len(whole), start + rng.choice((0, 1, 1, 2, 8, 64)))
    middle = rng.choice(
        ("", chr(rng.randrange(0x110000)), rng.choice(rng.choice(POOLS)), whole[start:end] * 2)
    )
    return whole[:start] + middle + whole[end:]


def value(rng: random.Random) -> Any:
    """Anything that JSON can contain, and some things that it should not contain."""
    match rng.randrange(9):
        case 0 | 1 | 2:
            return text(rng)
        case 3:
            return rng.choice(
                (None, True, False, 0, -1, 1, "true", "True", "", [], {}, [None], [[]], {"": None})
            )
        case 4:
            return rng.choice(
                (10**19, -(2**63), 10**400, 1e308, float("nan"), float("inf"), -0.0, 1.5, 2**53 + 1)
            )
        case 5:
            return [value(rng) for _ in range(rng.choice((0, 1, 2, 3)))]
        case 6:
            return {text(rng): value(rng) for _ in range(rng.choice((0, 1, 2)))}
        case 7:
            return _deep(rng)
        case _:
            return rng.choice(WORDS)


def _deep(rng: random.Random) -> Any:
    inner: Any = rng.choice((1, "x", None))
    for _ in range(rng.choice((2, 5, 100))):
        inner = [inner] if rng.random() < 0.5 else {"Id": inner}
    return inner
