"""The time, for the commands; everything below them gets it as a parameter."""

from datetime import UTC, datetime


def now_utc() -> str:
    """The time now, ISO 8601 in UTC with seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
