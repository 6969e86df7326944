"""Changes shortly before midnight in China come too late for the next day's instances."""

from datetime import datetime, timedelta, timezone

# Asia/Shanghai has no summer time. Alibaba's guide: instances of the next day are made from 22:00 on.
SHANGHAI = timezone(timedelta(hours=8))
LATE_FROM = 22

LATE = (
    "It is past 22:00 in Asia/Shanghai: what is deployed now is not in tomorrow's instances, which are made from "
    "22:00 on, and takes effect a day later."
)


def is_late(now: datetime) -> bool:
    """Whether a change that is deployed now misses the next day's instances."""
    return now.astimezone(SHANGHAI).hour >= LATE_FROM
