"""When a version is in force: versions of one law in line, half-open intervals, repeals.

Judges from facts.py's dates and repeal clauses alone. ``since <= day < until``; an unknown start is
``None`` and counts as always, an open end is ``None``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ingest.norms import Kind, Status, law_key


@dataclass(frozen=True, slots=True)
class Dated:
    """What linking needs to know of a version."""

    id: str
    law: str
    kind: Kind
    promulgated: date | None
    effective: date | None
    repeals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Validity:
    """Half-open interval of a version; ``repealed_by`` is the title that ended it, "" for a successor."""

    since: date | None = None
    until: date | None = None
    repealed_by: str = ""

    def covers(self, day: date) -> bool:
        """Whether the version is in force on ``day``."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)

    def status(self, day: date) -> Status:
        """State on ``day``."""
        if self.since is not None and day < self.since:
            return Status.PENDING
        if self.until is not None and day >= self.until:
            return Status.REPEALED if self.repealed_by else Status.AMENDED
        return Status.IN_FORCE


def link(versions: Iterable[Dated]) -> dict[str, Validity]:
    """Validity of every version: a later version of a law ends the former, a repeal clause ends a law."""
    lines: dict[str, list[Dated]] = defaultdict(list)
    for version in versions:
        lines[version.law].append(version)
    result: dict[str, Validity] = {}
    for law in sorted(lines):
        ordered = sorted(lines[law], key=lambda v: (_start(v), v.promulgated or date.min, v.id))
        for version, successor in zip(ordered, [*ordered[1:], None], strict=True):
            until = _start(successor) if successor and _start(successor) > date.min else None
            result[version.id] = Validity(version.effective or version.promulgated, until)
    _repeal(lines, result)
    return result


def _start(version: Dated) -> date:
    return version.effective or version.promulgated or date.min


def _repeal(lines: dict[str, list[Dated]], result: dict[str, Validity]) -> None:
    titles = {_bare(law): law for law in sorted(lines)}
    for law in sorted(lines):
        for repealing in lines[law]:
            start = _start(repealing)
            for name in repealing.repeals:
                target = titles.get(_bare(law_key(name)))
                if target is None or target == law or start == date.min:
                    continue
                for version in lines[target]:
                    own = result[version.id]
                    issued = version.promulgated or version.effective
                    ends_later = own.until is None or own.until > start
                    if ends_later and (issued is None or issued < start):
                        result[version.id] = Validity(own.since, start, law)


def _bare(title: str) -> str:
    return re.sub(r"[\s《》〈〉<>（）()、，]|中华人民共和国", "", title)


def fingerprint(articles: Sequence[str]) -> str:
    """Wording of a text without blanks, punctuation and width, for comparing two sources."""
    return re.sub(r"[\W_]+", "", "".join(articles))


def same_text(first: str, second: str, *, same_day: bool) -> bool:
    """Whether two fingerprints are one text.

    Under one date small slips of copying are allowed, and a copy that breaks off; under two dates the
    wording must be equal, for an amendment may change a single word.
    """
    if first == second:
        return True
    if not same_day or not first or not second:
        return False
    short, long = sorted((first, second), key=len)
    grams = [{text[i : i + 8] for i in range(len(text) - 7)} for text in (short, long)]
    return bool(grams[0]) and len(grams[0] & grams[1]) >= 0.9 * len(grams[0])
