"""Outcomes as a job summary shows them, the most urgent first."""

from dataworks_deploy.domain.outcome import Outcome

# Sign and words for a count. Emoji keep their colours on a dark page.
SIGNS = {
    Outcome.UNKNOWN: ("⚠️", "unknown"),
    Outcome.FAILED: ("❌", "failed"),
    Outcome.TERMINATED: ("❌", "terminated"),
    Outcome.CANCELLED: ("❌", "cancelled"),
    Outcome.REJECTED: ("❌", "rejected"),
    Outcome.CONFLICT: ("❌", "in conflict with somebody else's run"),
    Outcome.TIMED_OUT: ("⏳", "not seen to end"),
    Outcome.WAITING: ("⏳", "waiting for a person"),
    Outcome.SKIPPED: ("⏭️", "not started"),
    Outcome.CREATED: ("▶️", "open"),
    Outcome.PLANNED: ("📋", "planned"),
    Outcome.SUCCEEDED: ("✅", "succeeded"),
}
URGENCY = {outcome: place for place, outcome in enumerate(SIGNS)}
