"""Trains the reranker on packed looks; a run lasts as long as it is told.

    python -m magenta_qa.finetune.reranker.train PACK.npz START.npz OUT --minutes 17 --stop-after 8.5
    python -m magenta_qa.finetune.reranker.train PACK.npz START.npz OUT --minutes 17    # goes on
    python -m magenta_qa.finetune.reranker.train PACK.npz START.npz OUT2 --begun OUT/reranker.npz --written 0.4

Of every fourth step the candidate that it means is taken away: then the answer is "none", however near others come.
A share of the steps were written line by line, as were their pages; often controls of another page stand around.
"""

import argparse
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from magenta_qa.finetune.reranker.network import Batch, Reranker

TAKEN_AWAY, PEOPLE_SAY, READ, MISREAD, FOREIGN = 0.25, 0.2, 0.65, 0.12, 0.04
WRITTEN_TAKEN_AWAY, STRANGERS = 0.12, 0.5
MOST_STRANGERS = 30
"""Controls of another page that are put around those of a written one, which is smaller than pages are."""
MOST = 70
"""Candidates of a list."""
_W = 1 << 20
_AVERAGED = 0.999
"""Of the weights that are kept, a step's share is the rest; in the beginning it is larger."""
_WARM_UP = 0.02
"""Part of the training in which the rate rises."""


class Lists(IterableDataset):
    """Endless batches of indices: rows, their lists and places, steps, and which are right.

    Args:
        pack: Arrays of `pack`.
        split: 0 train, 1 validation, 2 test.
        rows: Candidates of a batch.
        seed: Of the draws.
        once: Whether every step comes once and nothing is drawn but readings.
        written: Share of the steps that no generator made; of those that come once, 0 or 1.
    """

    def __init__(
        self,
        pack: dict[str, np.ndarray],
        split: int,
        rows: int,
        seed: int,
        *,
        once: bool = False,
        written: float = 0.0,
    ) -> None:
        self.pack, self.rows, self.seed, self.once, self.share = pack, rows, seed, once, written
        _, _, splits, by_hand = pack["look"].T
        looks = pack["asks"][:, 0]
        steps = [np.flatnonzero((splits[looks] == split) & (by_hand[looks] == flag)) for flag in (0, 1)]
        self.steps, self.written = steps[::-1] if once and written else steps
        self.others = np.flatnonzero((splits == split) & (by_hand == 0))

    def __iter__(self) -> Iterator[tuple[np.ndarray, ...]]:
        info = torch.utils.data.get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        r = np.random.default_rng((self.seed, worker))
        steps = self.steps[worker::workers]
        while True:
            parts: list[tuple[np.ndarray, np.ndarray, int]] = []
            count = 0
            for step in steps if self.once else r.permutation(steps):
                if not self.once and len(self.written) and r.random() < self.share:
                    step = r.choice(self.written)
                made = self._list(int(step), r)
                if made is None:
                    continue
                parts.append(made)
                count += len(made[0])
                if count >= self.rows:
                    yield self._batch(parts)
                    parts, count = [], 0
            if self.once:
                if parts:
                    yield self._batch(parts)
                return

    def _list(self, step: int, r: np.random.Generator) -> tuple[np.ndarray, np.ndarray, int] | None:
        pack = self.pack
        look, mark = pack["asks"][step]
        written = bool(pack["look"][look, 3])
        if not self.once and r.random() < FOREIGN:
            other = int(r.choice(self.written if written else self.steps))
            step, look_of_step = other, pack["asks"][other][0]
            mark = 0 if look_of_step != look else mark
            if mark:
                return None
        first, last = pack["look"][look, :2]
        marks, variants = pack["of"][first:last, 1], pack["of"][first:last, 2]
        people = not self.once and r.random() < PEOPLE_SAY
        chance = r.random(len(marks) + 1)[np.searchsorted(np.unique(marks), marks)]
        has = {v: set(marks[variants == v].tolist()) for v in (1, 2, 3)}
        wanted: np.ndarray = np.zeros(len(marks), np.int64)
        nameless = np.isin(marks, list(has[1]))
        wanted[nameless & (chance < READ)] = 1
        wanted[nameless & (chance > 1 - MISREAD)] = 2
        if people:
            wanted[np.isin(marks, list(has[3]))] = 3
        rows = np.arange(first, last)[variants == wanted]
        right = (
            np.isin(marks[variants == wanted], pack["right"][step][pack["right"][step] > 0])
            if mark
            else np.zeros(len(rows), bool)
        )
        if mark and not right.any():
            return None
        if mark and r.random() < (WRITTEN_TAKEN_AWAY if written else TAKEN_AWAY):
            rows, right = rows[~right], right[~right]
        elif mark and written and not self.once and r.random() < STRANGERS:
            rows, right = self._among_strangers(rows, right, r)
        if len(rows) > MOST:
            keep = np.flatnonzero(right)[:8]
            others = r.permutation(np.flatnonzero(~right))[: MOST - len(keep)]
            chosen = np.sort(np.concatenate([keep, others]))
            rows, right = rows[chosen], right[chosen]
        return (rows, right, step) if len(rows) else None

    def _among_strangers(
        self, rows: np.ndarray, right: np.ndarray, r: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """The candidates before or behind some of another page."""
        first, last = self.pack["look"][r.choice(self.others), :2]
        plain = np.arange(first, last)[self.pack["of"][first:last, 2] == 0]
        strangers = np.sort(r.permutation(plain)[: r.integers(1, MOST_STRANGERS + 1)])
        nothing: np.ndarray = np.zeros(len(strangers), bool)
        if r.random() < 0.5:
            return np.concatenate([strangers, rows]), np.concatenate([nothing, right])
        return np.concatenate([rows, strangers]), np.concatenate([right, nothing])

    @staticmethod
    def _batch(parts: list[tuple[np.ndarray, np.ndarray, int]]) -> tuple[np.ndarray, ...]:
        sizes = np.array([len(rows) for rows, *_ in parts])
        lists: np.ndarray = np.repeat(np.arange(len(parts)), sizes)
        places = np.concatenate([np.arange(1, size + 1) for size in sizes])
        rows = np.concatenate([rows for rows, *_ in parts])
        right = np.concatenate([right for _, right, _ in parts])
        return rows, lists, places, sizes, np.array([step for *_, step in parts]), right


class Tables:
    """The packed words on a device."""

    def __init__(self, pack: dict[str, np.ndarray], device: str) -> None:
        names = [f"{side}{part}" for side in ("line", "step") for part in ("", "_segment", "_text", "_stem")]
        self._at = {name: torch.from_numpy(pack[name].astype(np.int32)).to(device) for name in names}
        self.device = device

    def batch(self, drawn: tuple[Tensor, ...]) -> Batch:
        """What the network reads."""
        rows, lists, places, sizes, steps = (part.to(self.device) for part in drawn[:5])
        line, line_segment, line_text, line_stem = self._rows("line", rows)
        step, step_segment, step_text, step_stem = self._rows("step", steps)
        line_count, step_count = self._counts(lists, line_stem, len(sizes), step_stem)
        asked_text, asked_stem = step_text[lists], step_stem[lists]
        same = (asked_stem[:, :, None] == line_stem[:, None]) & (asked_stem[:, :, None] > 0)
        exact = (asked_text[:, :, None] == line_text[:, None]) & same
        near, spelt = same.any(2).int() + exact.any(2), same.any(1).int() + exact.any(1)
        return Batch(
            step, step_segment, step_count, near, line, line_segment, line_count, spelt, lists, places, sizes
        )  # fmt: skip

    def _rows(self, side: str, chosen: Tensor) -> list[Tensor]:
        """Pieces, segments, words and stems of these rows, as long as the longest of them."""
        long = int((self._at[side][chosen] > 0).sum(1).max())
        return [self._at[side + part][chosen, :long].long() for part in ("", "_segment", "_text", "_stem")]

    @staticmethod
    def _counts(lists: Tensor, line_stem: Tensor, size: int, step_stem: Tensor) -> tuple[Tensor, Tensor]:
        """In how many candidates of its list each word stands, in classes."""
        rows = torch.arange(len(lists), device=lists.device)[:, None]
        once = torch.unique(rows * _W + line_stem)
        keys, number = torch.unique(lists[once // _W] * _W + once % _W, return_counts=True)

        def of(key: Tensor, there: Tensor) -> Tensor:
            place = torch.searchsorted(keys, key).clamp(max=len(keys) - 1)
            found = torch.where((keys[place] == key) & there, number[place], 0)
            return classed(found)

        every = torch.arange(size, device=lists.device)[:, None]
        own = of(lists[:, None] * _W + line_stem, line_stem > 0)
        return own, of(every * _W + step_stem, step_stem > 0)


def classed(found: Tensor) -> Tensor:
    """0, 1, 2, 3–4, 5–9, more."""
    return torch.bucketize(found, torch.tensor([0, 1, 2, 4, 9], device=found.device))


def loss_of(logits: Tensor, drawn: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
    """Mean loss, and which columns are right."""
    _, lists, places, _, _, right = drawn
    wanted = torch.zeros_like(logits, dtype=torch.bool)
    wanted[lists.to(logits.device), places.to(logits.device)] = right.to(logits.device)
    wanted[:, 0] = ~wanted[:, 1:].any(1)
    found = torch.logsumexp(logits.masked_fill(~wanted, -1e4), 1)
    return (torch.logsumexp(logits, 1) - found).mean(), wanted


def examine(network: nn.Module, tables: Tables, lists: Lists, most: int) -> dict[str, float]:
    """Shares right, wrong and refused, at several thresholds."""
    network.eval()
    rows: list[np.ndarray] = []
    with torch.no_grad(), torch.autocast(tables.device, torch.bfloat16):
        for number, drawn in enumerate(DataLoader(lists, batch_size=None)):
            if number >= most:
                break
            logits = network(tables.batch(drawn))
            _, wanted = loss_of(logits, drawn)
            shares = logits.softmax(1)
            share, best = shares[:, 1:].max(1)
            right = wanted.gather(1, best[:, None] + 1).squeeze(1)
            rows.append(torch.stack([share, right.float(), wanted[:, 0].float()], 1).cpu().numpy())
    network.train()
    share, right, none = np.concatenate(rows).T
    asked = none == 0
    found: dict[str, float] = {"lists": len(share), "first": float(right[asked].mean())}
    for threshold in (0.5, 0.7, 0.8, 0.9, 0.95, 0.98):
        acts = share >= threshold
        found[f"right@{threshold}"] = float((acts & (right == 1))[asked].mean())
        found[f"wrong@{threshold}"] = float((acts & (right == 0))[asked].mean())
        found[f"acts on none@{threshold}"] = float(acts[~asked].mean())
    return {name: round(value, 4) for name, value in found.items()}


def _averaged(average: Tensor, weights: Tensor, steps: Tensor | int) -> Tensor:
    """The mean of the weights of late steps."""
    return torch.lerp(average, weights, 1 - min(_AVERAGED, (1 + float(steps)) / (10 + float(steps))))


class Training:
    """The network, its average and the optimiser, with what has been spent on them.

    Args:
        start: Arrays of `start`.
        rate: Learning rate at its highest, of what begins at random.
        device: Where it happens.
        begun: Weights of an earlier training, to begin with.
        gently: Part of the rate for what is not at random in the beginning.
        kept: Part of MiniLM's own weights in the end, since the mean knows more words.
    """

    def __init__(
        self,
        start: dict[str, np.ndarray],
        rate: float,
        device: str,
        begun: dict[str, np.ndarray] | None = None,
        gently: float = 0.1,
        kept: float = 0.2,
    ) -> None:
        pieces = start.pop("pieces")
        self.kept = kept
        self.given = given = {name: torch.from_numpy(value.astype(np.float32)) for name, value in start.items()}
        network = Reranker(len(pieces))
        known = given | {name: torch.from_numpy(value.astype(np.float32)) for name, value in (begun or {}).items()}
        network.load_state_dict(network.state_dict() | known)
        # The table stays: what a step of others says in words that training has not is near what it has, as before.
        network.piece.weight.requires_grad = False
        self.network, self.rate, self.device = network.to(device), rate, device
        groups = [
            {"params": params, "weight_decay": 0.05 * (params[0].dim() == 2), "part": part}
            for part, theirs in ((gently, True), (1.0, False))
            for matrix in (True, False)
            if (params := [
                p for n, p in network.named_parameters()
                if p.requires_grad and (n in known) == theirs and (p.dim() == 2) == matrix
            ])
        ]  # fmt: skip
        self.optimiser = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))
        self.average = torch.optim.swa_utils.AveragedModel(self.network, avg_fn=_averaged)
        self.spent, self.steps = 0.0, 0

    def step(self, tables: Tables, drawn: tuple[Tensor, ...], part: float) -> Tensor:
        """Learn from one batch, `part` of the way through; returns the loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = (
                group["part"] * self.rate * min(1.0, part / _WARM_UP) * (0.51 + 0.5 * math.cos(math.pi * part))
            )
        with torch.autocast(self.device, torch.bfloat16):
            logits = self.network(tables.batch(drawn))
        loss, _ = loss_of(logits, drawn)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.average.update_parameters(self.network)
        self.steps += 1
        return loss.detach()

    def finished(self) -> nn.Module:
        """The average of late steps, in part as it was before."""
        network: nn.Module = self.average.module
        state = network.state_dict()
        for name, value in self.given.items():
            state[name].lerp_(value.to(self.device), self.kept)
        return network

    def save(self, path: Path) -> None:
        """For a command that goes on."""
        parts = (self.network, self.average, self.optimiser)
        torch.save([*(part.state_dict() for part in parts), self.spent, self.steps], path)

    def load(self, path: Path) -> None:
        """Go on from there."""
        *states, self.spent, self.steps = torch.load(path, map_location=self.device)
        for part, state in zip((self.network, self.average, self.optimiser), states, strict=True):
            part.load_state_dict(state)

    def learn(self, lists: Lists, tables: Tables, minutes: float, stop_after: float, workers: int) -> bool:
        """Train until the time is over; False where this command's share of it ended before."""
        ahead = 8 if workers else None
        batches = iter(DataLoader(lists, batch_size=None, num_workers=workers, prefetch_factor=ahead))
        before, started, waited = self.spent, time.perf_counter(), 0.0
        while self.spent < 60 * minutes:
            if self.spent - before > 60 * stop_after:
                return False
            asked = time.perf_counter()
            drawn = next(batches)
            waited += time.perf_counter() - asked
            loss = self.step(tables, drawn, self.spent / (60 * minutes))
            self.spent = before + time.perf_counter() - started
            if self.steps % 500 == 0:
                print(f"{self.steps} steps, {self.spent:.0f} s, waited {waited:.1f} s: loss {loss:.3f}", flush=True)
        return True


def main() -> None:
    """Train, examine, save."""
    args = _parser().parse_args()
    torch.manual_seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.backends.cuda.enable_cudnn_sdp(False)  # it makes a plan for each new shape, which takes longer than the step
    with np.load(args.pack) as stored:
        pack = {name: stored[name] for name in stored.files}
    with np.load(args.start) as stored:
        begun = dict(np.load(args.begun)) if args.begun else None
        training = Training(dict(stored), args.rate, device, begun, args.gently, args.kept)
    state, tables = args.out / "state.pt", Tables(pack, device)
    if state.exists():
        training.load(state)
    lists = Lists(pack, 0, args.rows, args.seed + training.steps, written=args.written)
    if not training.learn(lists, tables, args.minutes, args.stop_after, args.workers):
        training.save(state)
        print("stopped in time, state saved; the same command goes on from here")
        return
    network = training.finished()
    figures = {
        name: examine(network, tables, lists, args.examined)
        for name, split, written in (("validation", 1, False), ("test", 2, False), ("written", 2, True))
        if len((lists := Lists(pack, split, args.rows, 7, once=True, written=written)).steps)
    }
    weights = {name: value.half().cpu().numpy() for name, value in network.state_dict().items()}
    np.savez_compressed(args.out / "reranker.npz", **weights)
    report = json.dumps({"steps": training.steps, **figures}, indent=1)
    (args.out / "figures.json").write_text(report, "utf-8")
    print(report)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pack", type=Path)
    parser.add_argument("start", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=17)
    parser.add_argument("--stop-after", type=float, default=math.inf, help="minutes of this command")
    parser.add_argument("--rows", type=int, default=3072, help="candidates of a batch")
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--begun", type=Path, help="weights of an earlier training, to begin with")
    parser.add_argument("--gently", type=float, default=0.1, help="part of the rate for what is not random at first")
    parser.add_argument("--kept", type=float, default=0.2, help="part of MiniLM's own weights in the end")
    parser.add_argument("--written", type=float, default=0.4, help="share of the steps that no generator made")
    parser.add_argument("--workers", type=int, default=6)
    parser.add_argument("--examined", type=int, default=400, help="batches of each other split")
    parser.add_argument("--seed", type=int, default=1)
    return parser


if __name__ == "__main__":
    main()
