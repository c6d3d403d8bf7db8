"""Times as the wire APIs write them."""

from __future__ import annotations

import re
from datetime import datetime


def instant(text: str) -> datetime:
    """The time that an RFC 3339 text names, to the microsecond; without a zone when the text has none. ``ValueError`` when it is none."""
    # Python 3.10 knows neither "Z" nor fractions of other than three or six digits.
    whole = re.sub(r"\.(\d+)", lambda m: "." + (m[1] + "000000")[:6], text)
    return datetime.fromisoformat(whole.replace("Z", "+00:00"))
