"""The issuer of ID tokens, which GitHub gives to a job with the permission."""

import hmac
import random
import uuid
from typing import Any

from dataworks_emulator import jwt
from dataworks_emulator.answers import Refusal, Response
from dataworks_emulator.request import Request
from dataworks_emulator.settings import Settings
from dataworks_emulator.truth import Truth

Body = dict[str, Any]
REPOSITORY, COMMIT = "octo-org/warehouse", "da39a3ee5e6b4b0d3255bfef95601890afd80709"
WORKFLOW = f"{REPOSITORY}/.github/workflows/deploy.yml@refs/heads/main"
# The claims of a job as GitHub documents them. Numbers are strings there too.
CLAIMS = {
    "sub": "repo:octo-org@1/warehouse@2:environment:production",
    "aud": "https://github.com/octo-org",
    "iss": "https://token.actions.githubusercontent.com",
    "ref": "refs/heads/main",
    "sha": COMMIT,
    "repository": REPOSITORY,
    "repository_id": "2",
    "repository_owner": "octo-org",
    "repository_owner_id": "1",
    "repository_visibility": "private",
    "run_id": "16000000001",
    "run_number": "7",
    "run_attempt": "1",
    "actor": "octocat",
    "actor_id": "583231",
    "workflow": "deploy",
    "workflow_ref": WORKFLOW,
    "workflow_sha": COMMIT,
    "job_workflow_ref": WORKFLOW,
    "job_workflow_sha": COMMIT,
    "event_name": "push",
    "head_ref": "",
    "base_ref": "",
    "ref_type": "branch",
    "ref_protected": "true",
    "environment": "production",
    "runner_environment": "github-hosted",
}


class TokenRefusal(Refusal):
    """GitHub refuses. Its errors are not API errors and have no RequestId."""

    def response(self, request_id: str) -> Response:
        """Render the error."""
        del request_id
        return Response(self.status, {"message": self.message}, self.headers)


class IdTokens:
    """Issues tokens. Each request gets a new one."""

    def __init__(self, settings: Settings, truth: Truth, rng: random.Random) -> None:
        """Draw the tokens' IDs from `rng`."""
        self._settings, self._truth, self._rng = settings, truth, rng

    def objection(self, authorization: str) -> Refusal | None:
        """Return why this header does not allow the request, or None."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            return TokenRefusal(401, "Unauthorized", "A request token is needed to ask for an ID token.")
        known = self._settings.id_token_request_token
        if not hmac.compare_digest(token.strip().encode(), known.encode()):
            return TokenRefusal(403, "Forbidden", "The request token does not allow to ask for an ID token.")
        return None

    def issue(self, request: Request, now: float) -> Body:
        """GetIdToken, as the emulator calls it: a token for the requested audience, or for GitHub's default."""
        issued = int(now)
        claims: dict[str, Any] = {
            "jti": str(uuid.UUID(int=self._rng.getrandbits(128), version=4)),
            **CLAIMS,
            "iat": issued,
            "nbf": issued - 300,
            "exp": issued + self._settings.id_token_seconds,
        }
        if request.params.get("audience"):
            claims["aud"] = request.params["audience"]
        claims |= self._settings.id_token_claims
        token = jwt.write(claims, self._settings.id_token_key)
        told = {"jti": claims["jti"], "audience": claims["aud"], "expires": claims["exp"]}
        self._truth.record("issued", now, call=request.number, **told)
        return {"count": len(token), "value": token}
