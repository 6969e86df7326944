"""What makes two faults equal, and what is removed from a fault before anybody reads it."""

from dataclasses import fields, replace

import pytest

from dataworks_deploy.domain.ending import Fault, Source, Symptom

SAID = Fault("no", "NoPermission", "R-1", 403)
SEEN = Fault(symptom=Symptom.NAME_UNKNOWN, detail="a.invalid")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (SAID, replace(SAID, message="not at all", request_id="R-2", http_status=400), True),
        (SAID, replace(SAID, code="Forbidden.RAM"), False),
        (SAID, replace(SAID, source=Source.STS), False),
        (Fault("no", http_status=502), Fault("not at all", http_status=502), True),
        (Fault("no", http_status=502), Fault("no", http_status=503), False),
        (SEEN, replace(SEEN, request_id="R-1", retry_after=2.0), True),
        (SEEN, replace(SEEN, detail="b.invalid"), False),
        (SEEN, replace(SEEN, symptom=Symptom.NOT_TRUSTED), False),
        (SEEN, replace(SEEN, renewal=True), False),
        (SEEN, replace(SEEN, source=Source.GITHUB), False),
        (Fault("no"), Fault("yes"), False),
    ],
)
def test_a_code_counts_before_a_status_and_a_status_before_a_symptom(
    one: Fault, other: Fault, same: bool
) -> None:
    assert (one.kind == other.kind) is same


@pytest.mark.parametrize(
    ("fault", "throttles"),
    [
        (Fault("x", "Throttling"), True),
        (Fault("x", "Throttling.User", http_status=400), True),
        (Fault("x", "Odd", http_status=429), True),
        (Fault("x", "Odd", http_status=503), False),
        (SEEN, False),
    ],
)
def test_throttling_is_recognised_by_code_or_status(fault: Fault, throttles: bool) -> None:
    assert fault.throttles is throttles


def test_every_text_is_scrubbed_and_nothing_else_changes() -> None:
    texts = Fault("m", "c", "r", 400, 2.0, Symptom.WORDLESS, "d", Source.STS, renewal=True, recommend="l")

    scrubbed = texts.scrubbed(lambda text: f"<{text}>")

    assert scrubbed == replace(
        texts, message="<m>", code="<c>", request_id="<r>", detail="<d>", recommend="<l>"
    )
    assert SEEN.scrubbed(str.upper).request_id is None
    assert {field.name for field in fields(Fault) if field.type in {str, "str"}} == {
        "message",
        "code",
        "detail",
        "recommend",
    }
