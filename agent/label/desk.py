"""Who gets which item, and what becomes of what they say.

    desk = Desk(labels, privacy, second_share=0.1)
    offer = desk.next("Ada")              # Offer(item, "The model is 31 % sure.", …); the same again until it is judged
    desk.judge("Ada", offer.item.id, "edited", "Opens the cart.")
    desk.undo("Ada")                      # -> the item is Ada's again

Least sure first, near-duplicates one after the other and to the same person. An item is lent to one person for
`LEASE_S`; a share of them goes to a second person as well, who does not see what the first one has said. Who has what
is kept beside the log, so that it is still so after a crash; whoever judges an item that was lent to somebody else
meanwhile is a second opinion.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from magenta_qa.agent.label.items import Item, LabelLog
from magenta_qa.agent.label.judgement import Agreement, Judgement, Opinion, agreement
from magenta_qa.agent.log import now_utc
from magenta_qa.agent.privacy.files import write_atomically
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.model.errors import MagentaError

LEASE_S = 600.0
LEASES = "label-leases.json"
MAX_SUMMARY = 500
"""Characters, as `magenta dataset build` takes them at most."""


class Refused(MagentaError):
    """A judgement that cannot be taken."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An item that is lent to somebody."""

    item: Item
    why: str
    """Why this one is next."""
    others: tuple[Judgement, ...] = ()
    """What was said before, where two people disagree."""
    draft: str | None = None
    """What this person had written before they took it back."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is."""

    labelled: int
    rejected: int
    disputed: int
    left: int
    agreement: Agreement
    people: dict[str, int]
    """Name → judgements that stand."""


class Desk:
    """Hands out items; one for all people.

    Args:
        labels: The log.
        privacy: Masks what people write.
        second_share: Share of items that two people are asked about, 0 to 1.
        clock: Seconds since the epoch.
        now: The time of a judgement.
    """

    def __init__(
        self,
        labels: LabelLog,
        privacy: Privacy,
        *,
        second_share: float = 0.1,
        clock: Callable[[], float] = time.time,
        now: Callable[[], str] = now_utc,
    ) -> None:
        self._labels, self._privacy, self._share = labels, privacy, second_share
        self._clock, self._now = clock, now
        self._order: list[Item] = []
        self._groups: dict[bytes, list[Item]] = {}
        """Near-duplicates, in order."""
        self._lent = labels.path.with_name(LEASES)
        self._leases = _load_leases(self._lent)
        """Id → who has it until when."""
        self._shown: dict[str, bytes] = {}
        """Name → what the last item was alike to."""
        self._refresh()
        self._leases = {name: lease for name, lease in self._leases.items() if name in labels.items}

    def _refresh(self) -> None:
        if not self._labels.catch_up() and self._order:
            return
        items = sorted((each for each in self._labels.items.values() if not each.trusted), key=lambda each: each.sure)
        self._groups = {}
        for item in items:
            self._groups.setdefault(item.alike, []).append(item)
        # A group stands where its least sure one does.
        self._order = [item for group in self._groups.values() for item in group]

    def next(self, by: str, skip: Iterable[str] = ()) -> Offer | None:
        """The item that this person is to judge; None when nothing is left for them.

        Args:
            by: Their name.
            skip: Ids that they do not want now.
        """
        self._refresh()
        passed = set(skip)
        item = next((each for each in self._wanted(by) if each.id not in passed), None)
        if item is None:
            return None
        self._lend(item, by)
        why = self._why(by, item)
        self._shown[by] = item.alike
        return Offer(item, why, tuple(item.judgements) if item.settled.state == "disputed" else ())

    def _wanted(self, by: str) -> Iterator[Item]:
        """Items for this person, the most wanted first."""
        items = self._labels.items
        held = {name: who for name, (who, until) in self._leases.items() if until > self._clock()}
        yield from (items[name] for name, who in held.items() if who == by and self._is_for(items[name], by))
        begun = [item for item in self._judged_items() if item.id not in held]
        yield from (item for item in begun if self._wants_second(item) and not item.judged_by(by))
        disputed = [item for item in begun if item.settled.state == "disputed"]
        yield from (item for item in disputed if not item.judged_by(by))
        taken = {items[name].alike for name, who in held.items() if who != by}
        last = self._groups.get(self._shown.get(by, b""), [])
        yield from (item for item in last if not item.judgements and item.id not in held)
        unjudged = [item for item in self._order if not item.judgements and item.id not in held]
        yield from (item for item in unjudged if item.alike not in taken)
        yield from unjudged
        yield from disputed

    def _judged_items(self) -> list[Item]:
        """What somebody's judgement stands on, each once."""
        names = dict.fromkeys(name for mine in self._labels.judged.values() for name in mine)
        return [self._labels.items[name] for name in names]

    def _is_for(self, item: Item, by: str) -> bool:
        if item.settled.state == "disputed" or not item.judgements:
            return True
        return self._wants_second(item) and not item.judged_by(by)

    def _wants_second(self, item: Item) -> bool:
        if len(item.judgements) != 1:
            return False
        drawn = int.from_bytes(blake2b(item.id.encode(), digest_size=4).digest(), "big") / 2**32
        return drawn < self._share

    def _why(self, by: str, item: Item) -> str:
        if item.settled.state == "disputed":
            return "Two people disagree about this one; what you say decides."
        if item.judgements:
            return "A second opinion: somebody else has judged it already."
        line = self._labels.line(item)
        sure = "Nobody has suggested anything yet."
        if line.summary:
            sure = "The suggestion was made without a model."
        if line.summary and line.summary_source == "model" and line.confidence is not None:
            sure = f"The model is {100 * line.confidence:.0f} % sure."
        if line.summary_source == "teacher":
            sure = "A teacher has suggested it."
        group = self._groups[item.alike]
        if len(group) == 1:
            return sure
        left = sum(not each.judgements for each in group)
        like = "Like the last one" if self._shown.get(by) == item.alike else "The first of several alike"
        return f"{sure} {like}: {left} of {len(group)} left."

    def judge(self, by: str, name: str, verdict: Opinion, summary: str | None) -> Judgement:
        """Keep what somebody says about an item; it is on the disk when this returns.

        Raises:
            Refused: No such item, no sentence, or they have judged it already.
            OSError: It could not be written, and does not count.
        """
        self._refresh()
        item = self._labels.items.get(name)
        if item is None:
            raise Refused(f"no interaction {name!r} is in this log; load the page again")
        if item.judged_by(by) and item.settled.state != "disputed":
            raise Refused("you have judged this one already; undo that first")
        judgement = Judgement(by=by, at=self._now(), verdict=verdict, summary=self._sentence(item, verdict, summary))
        self._labels.record(item, judgement)
        self._leases.pop(name, None)
        return judgement

    def _sentence(self, item: Item, verdict: Opinion, summary: str | None) -> str | None:
        if verdict == "rejected":
            return None
        said = self._labels.line(item).summary if verdict == "accepted" else summary
        folded = " ".join((said or "").split())
        if not folded:
            raise Refused(f"nothing is there to be {verdict}: write a sentence that says what the action does")
        if len(folded) > MAX_SUMMARY:
            raise Refused(f"the sentence has {len(folded)} characters; expected a short one, at most {MAX_SUMMARY}")
        return self._privacy.mask(folded)

    def undo(self, by: str) -> Offer:
        """Take back this person's last judgement; the item is theirs again.

        Raises:
            Refused: There is none.
            OSError: It could not be written: the judgement stands.
        """
        self._refresh()
        mine = self._labels.judged.get(by)
        if not mine:
            raise Refused(f"{by} has judged nothing that could be taken back")
        item = self._labels.items[mine[-1]]
        draft = next(each.summary for each in reversed(item.judgements) if each.by == by)
        self._labels.record(item, Judgement(by=by, at=self._now(), verdict="undone"))
        self._lend(item, by)
        return Offer(item, "Taken back: judge it anew.", draft=draft)

    def hold(self, by: str, name: str) -> None:
        """Lend an item on to who has it before them, unless it is somebody else's by now."""
        item = self._labels.items.get(name)
        who, until = self._leases.get(name, (by, 0.0))
        if item is not None and (who == by or until <= self._clock()) and self._is_for(item, by):
            self._lend(item, by)

    def _lend(self, item: Item, by: str) -> None:
        for other in [name for name, (who, _) in self._leases.items() if who == by]:
            del self._leases[other]
        self._leases[item.id] = (by, self._clock() + LEASE_S)
        with suppress(OSError):  # a convenience; judgements are what must not be lost
            write_atomically(self._lent, json.dumps(self._leases).encode())

    def progress(self) -> Progress:
        """How far the work is, for everybody."""
        self._refresh()
        begun = self._judged_items()
        settled = [item.settled for item in begun]
        firsts = [item.judgements[:2] for item in begun if len(item.judgements) > 1]
        return Progress(
            labelled=sum(each.source is not None for each in settled),
            rejected=sum(each.state == "labelled" and each.source is None for each in settled),
            disputed=sum(each.state == "disputed" for each in settled),
            left=len(self._order) - len(begun),
            agreement=agreement([(one.verdict, two.verdict) for one, two in firsts]),
            people={name: len(mine) for name, mine in self._labels.judged.items()},
        )


def _load_leases(path: Path) -> dict[str, tuple[str, float]]:
    try:
        return {str(name): (str(who), float(until)) for name, (who, until) in json.loads(path.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
