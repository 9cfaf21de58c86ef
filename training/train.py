"""A training run: its state, its steps, its checkpoints.

The learning rate warms up, stays, and falls linearly to nothing once that is asked for (warmup-stable-decay, Hu et al.
2024, "MiniCPM", section 4), so training can end whenever there is no more time, and the last phase can be on the best
pairs. A checkpoint is weights and AdamW's moments in safetensors and a JSON state; Ctrl-C and SIGTERM write one. The
order of examples follows from the seed, so a run that was interrupted sees what an unbroken one would have seen.
"""

import json
import shutil
import signal
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from bot.reader.trained import BASE
from training.batches import TOKENS, Batch, Pairs
from training.measures import measures
from training.model import Network, Output, load

WARM_UP = 300
"""Steps."""
EVERY = 20_000
"""Examples."""
SAVE_EVERY = 240
"""Seconds."""


@dataclass
class State:
    """Where a run stands."""

    seed: int
    rate: float
    frozen: int
    dropout: float = 0.0
    tokens: int = TOKENS
    """Of a batch, at most."""
    epoch: int = 0
    batch: int = 0
    step: int = 0
    examples: int = 0
    seconds: float = 0.0
    decay_from: int = -1
    """Examples seen when the decay began; -1 before that."""
    decay_over: int = 0
    pairs: str = "train"
    """Which set of pairs the epoch goes through."""

    def scale(self) -> float:
        """The learning rate's factor now."""
        warm = min(1.0, (self.step + 1) / WARM_UP)
        if self.decay_from < 0:
            return warm
        return warm * max(0.0, 1 - (self.examples - self.decay_from) / self.decay_over)

    def finished(self) -> bool:
        """Whether the decay is over."""
        return self.decay_from >= 0 and self.examples >= self.decay_from + self.decay_over

    def decay(self, examples: int) -> None:
        """Begin to let the rate fall, over so many examples, if it is not falling yet."""
        if self.decay_from < 0:
            self.decay_from, self.decay_over = self.examples, examples

    def turn_to(self, pairs: str) -> None:
        """Begin an epoch over another set of pairs."""
        if pairs != self.pairs:
            self.pairs, self.epoch, self.batch = pairs, self.epoch + 1, 0


class Losses(NamedTuple):
    """Mean losses over the rows that have the label."""

    span: Tensor
    answer: Tensor
    relation: Tensor
    taught: Tensor
    """How far the spans are from the teacher's; 0 without one."""

    def total(self) -> Tensor:
        """What is minimised."""
        return 0.5 * self.span + self.answer + self.relation + self.taught


def losses(output: Output, batch: Batch, teacher: Output | None = None) -> Losses:
    """Cross-entropies; a label of -1 is unknown and counts nothing.

    A teacher's spans count where a question is asked: the Kullback-Leibler divergence of where the answer begins and
    ends (Hinton et al. 2015, "Distilling the knowledge in a neural network", at temperature 1).
    """

    def entropy(logits: Tensor, label: Tensor) -> Tensor:
        return functional.cross_entropy(logits, label, ignore_index=-1, reduction="sum") / at_least_one(label)

    def at_least_one(label: Tensor) -> Tensor:
        return (label >= 0).sum().clamp(min=1)

    known = batch.answer >= 0
    wanted = batch.answer.clamp(min=0).float()
    binary = functional.binary_cross_entropy_with_logits(output.answer, wanted, reduction="none")

    def apart(own: Tensor, taught: Tensor) -> Tensor:
        both = functional.log_softmax(own, -1), functional.log_softmax(taught, -1)
        each = functional.kl_div(*both, reduction="none", log_target=True).sum(-1)
        return (each * known).sum() / at_least_one(batch.answer)

    return Losses(
        entropy(output.start, batch.start) + entropy(output.end, batch.end),
        (binary * known).sum() / at_least_one(batch.answer),
        entropy(output.relation, batch.relation),
        apart(output.start, teacher.start) + apart(output.end, teacher.end) if teacher else wanted.new_zeros(()),
    )


class Trainer:
    """A network, its optimiser and its state, kept in a folder."""

    def __init__(self, folder: Path, state: State, compiled: bool = True) -> None:
        self.folder, self.state = folder, state
        self.teacher: Network | None = None
        device = "cuda" if torch.cuda.is_available() else "cpu"
        self.network = Network(state.frozen, state.dropout).load_base().to(device).train()
        self.changed = self.network.changed()
        for name, parameter in self.network.named_parameters():
            parameter.requires_grad_(name in self.changed)
        heads = {id(p) for head in self.network.heads() for p in head.parameters()}
        groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = defaultdict(list)
        for parameter in self.changed.values():
            groups[id(parameter) in heads, parameter.dim() > 1].append(parameter)
        self._optimiser = torch.optim.AdamW(
            [
                {"params": found, "weight_decay": 0.02 if matrix else 0.0, "factor": 4.0 if head else 1.0}
                for (head, matrix), found in groups.items()
            ],
            lr=state.rate,
            betas=(0.9, 0.98),
            fused=True,
        )
        self._lower = torch.compile(self.network.lower, disable=not compiled)
        self._upper = torch.compile(self.network.upper, disable=not compiled)

    @classmethod
    def of(cls, folder: Path, state: State, start: Path | None = None, compiled: bool = True) -> "Trainer":
        """Go on from the checkpoint in a folder; where there is none, start, from a reader's weights if given."""
        if any((folder / name).exists() for name in ("checkpoint", "checkpoint.old")):
            return cls.resume(folder, compiled)
        trainer = cls(folder, state, compiled)
        if start:
            trainer.network.load_state_dict(load(start).state_dict())
        return trainer

    @classmethod
    def resume(cls, folder: Path, compiled: bool = True) -> "Trainer":
        """Go on from the checkpoint in a folder."""
        kept = folder / "checkpoint"
        if not kept.exists():  # a save was interrupted between its last two steps
            kept = folder / "checkpoint.old"
        trainer = cls(folder, State(**json.loads((kept / "state.json").read_text())), compiled)
        weights, moments = load_file(kept / "weights.safetensors"), load_file(kept / "optimiser.safetensors")
        with torch.no_grad():
            for name, parameter in trainer.changed.items():
                parameter.copy_(weights[name])
                if f"{name}/first" in moments:
                    trainer._optimiser.state[parameter] = {
                        "step": torch.tensor(float(trainer.state.step), device=parameter.device),
                        "exp_avg": moments[f"{name}/first"].to(parameter.device),
                        "exp_avg_sq": moments[f"{name}/second"].to(parameter.device),
                    }
        return trainer

    def save(self) -> None:
        """Write the checkpoint aside, then put it in the place of the old one."""
        place, old, new = (self.folder / name for name in ("checkpoint", "checkpoint.old", "checkpoint.new"))
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        about = {"base": BASE, "frozen": str(self.state.frozen)}
        save_file({name: p.detach() for name, p in self.changed.items()}, new / "weights.safetensors", about)
        moments = {}
        for name, parameter in self.changed.items():
            if kept := self._optimiser.state.get(parameter):
                moments[f"{name}/first"], moments[f"{name}/second"] = kept["exp_avg"], kept["exp_avg_sq"]
        save_file(moments, new / "optimiser.safetensors")
        (new / "state.json").write_text(json.dumps(asdict(self.state), indent=1))
        if old.exists() and not place.exists():
            old.replace(place)
        shutil.rmtree(old, ignore_errors=True)
        if place.exists():
            place.replace(old)
        new.replace(place)
        shutil.rmtree(old, ignore_errors=True)

    def learn(self, batch: Batch) -> Losses:
        """One step."""
        scale = self.state.scale()
        for group in self._optimiser.param_groups:
            group["lr"] = self.state.rate * scale * group["factor"]
        torch.manual_seed(
            self.state.seed + self.state.step
        )  # drop-out of a run taken up again is that of an unbroken one
        with self.network.arithmetic():
            with torch.no_grad():
                x = self._lower(batch.ids, batch.second, batch.length)
            output = self._upper(x, batch.body, batch.length)
            with torch.no_grad():
                taught = self.teacher(batch.ids, batch.second, batch.body, batch.length) if self.teacher else None
        lost = losses(output, batch, taught)
        lost.total().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.changed.values(), 1.0)
        self._optimiser.step()
        self._optimiser.zero_grad()
        self.state.step += 1
        self.state.examples += len(batch.rows)
        return lost


class Curve:
    """Losses since the last line, and the lines written so far to curve.jsonl; `until` examples is where a run ends."""

    def __init__(self, file: Path, until: int) -> None:
        self._file, self._until = file, until
        self._sums: dict[str, list[float]] = defaultdict(list)
        self._began, self._seen = time.monotonic(), 0

    def add(self, lost: Losses, batch: Batch) -> None:
        """Count a step's losses, each only where the batch has its label."""
        self._seen += len(batch.rows)
        for name, loss, label in zip(
            Losses._fields, lost, (batch.start, batch.answer, batch.relation, batch.answer), strict=True
        ):
            if (label >= 0).any():
                self._sums[name].append(float(loss.detach()))

    def line(self, state: State) -> None:
        """Print and write the mean losses and the speed since the last line."""
        speed = self._seen / (time.monotonic() - self._began)
        left = (self._until - state.examples) / speed / 60
        means = {name: sum(found) / len(found) for name, found in sorted(self._sums.items())}
        text = "  ".join(f"{name} {value:.3f}" for name, value in means.items())
        print(
            f"{time.strftime('%H:%M:%S')}  {state.examples:>8,} of {self._until:,} examples  {speed:5.1f}/s  "
            f"{left:.0f} min left  rate {state.rate * state.scale():.2e}  {text}",
            flush=True,
        )
        self.write(state, means | {"speed": speed})
        self._sums.clear()
        self._began, self._seen = time.monotonic(), 0

    def write(self, state: State, values: dict[str, float]) -> None:
        """Append a line to curve.jsonl."""
        with self._file.open("a", encoding="utf-8") as stream:
            rounded = {name: round(value, 4) for name, value in values.items()}
            stream.write(json.dumps({"examples": state.examples, "seconds": round(state.seconds), **rounded}) + "\n")


def run(trainer: Trainer, pairs: Path, stop_at: int | None = None) -> bool:
    """Train until `stop_at` examples were seen, or the decay is over; False if Ctrl-C or SIGTERM ended it before.

    Measures on the tuning and held-out pairs every EVERY examples, never on reporting ones.
    """
    state, data = trainer.state, Pairs.open(pairs / trainer.state.pairs)
    watched = {name: Pairs.open(pairs / name) for name in ("tune", "held_out")}
    trainer.folder.mkdir(parents=True, exist_ok=True)
    curve = Curve(trainer.folder / "curve.jsonl", state.decay_from + state.decay_over if stop_at is None else stop_at)
    stopped = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True

    before = [signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)]
    saved = ticked = time.monotonic()
    plan, planned = data.plan(state.seed, state.epoch, state.tokens), state.epoch
    while not (stopped or state.finished() or (stop_at is not None and stop_at <= state.examples)):
        if planned != state.epoch:
            plan, planned = data.plan(state.seed, state.epoch, state.tokens), state.epoch
        padded, rows = plan[state.batch]
        batch = data.batch(rows, padded, trainer.network.device)
        seen = state.examples
        curve.add(trainer.learn(batch), batch)
        state.batch += 1
        if state.batch == len(plan):
            state.epoch, state.batch = state.epoch + 1, 0
        now = time.monotonic()
        state.seconds += now - ticked
        ticked = now
        if state.step % 25 == 0:
            curve.line(state)
        if now - saved > SAVE_EVERY:
            trainer.save()
            saved = now
        if seen // EVERY != state.examples // EVERY:
            watch(trainer, watched, curve)
            ticked = time.monotonic()
    trainer.save()
    for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
        signal.signal(number, handler)
    if not stopped:
        watch(trainer, watched, curve)
    return not stopped


def watch(trainer: Trainer, watched: dict[str, Pairs], curve: Curve) -> None:
    """Print measures of some sets of pairs, and write them to the curve."""
    for name, pairs in watched.items():
        found = measures(trainer.network, pairs)
        curve.write(trainer.state, {f"{name}/{key}": value for key, value in found.items()})
        print(f"   {name}: " + "  ".join(f"{key} {value:.3f}" for key, value in found.items()), flush=True)
