"""What is known of errors of those who stand between a job and its key: GitHub, which gives ID tokens, and STS.

Neither is the service that a row without such words speaks of.
"""

from .row import by_words

# The first that fits wins, so what is more particular stands first.
SESSIONS = (
    by_words(
        "permissions: id-token: write",
        what="GitHub denies the job an ID token.",
        cause="The job lacks the permission id-token: write, runs for a pull request from a fork, or has run for so "
        "long that GitHub takes its own token no more.",
        fix="Add it to the job's permissions, then start a new workflow run: a re-run has those of before.",
    ),
    by_words(
        "could not be fetched from GitHub",
        what="GitHub has not given the job an ID token.",
        cause="A fault on GitHub's side, mostly a passing one, or of a proxy in between.",
        fix="Run the job again. If it goes on, see githubstatus.com, and what stands between GitHub and the machine.",
    ),
    by_words(
        "STS lets no more sessions be had",
        what="STS refuses so many requests at a time.",
        cause="Other jobs and clients of the role's account ask it for sessions as well; it is no limit of DataWorks.",
        fix="Run the job again when less is going on.",
    ),
    by_words(
        "STS gives no usable answer",
        "no session could be had for the role",
        what="No session of the role could be had.",
        cause="STS, or the way to it, is slow or down, or a proxy or gateway answered in its place.",
        fix="Run the job again. If it goes on, check that the job's machine reaches sts.aliyuncs.com.",
    ),
)
# Of STS nothing is known but that it was it: to be looked at behind the codes.
REFUSED = by_words(
    "the role could not be assumed",
    what="STS gives no session of the role.",
    cause="Its message is all that is known here.",
    fix="Compare role and OIDC provider with docs/credentials.md. If they look right, run the job again.",
)
