"""Batches made on the device: questions, outlined pictures and answers as the model's `forward` takes them.

    feed = Feed(views, shelf.names, processor)
    feed.pairs([17, 230, 5])       # 6 pictures: each element, and a neighbour of it outlined in the same window
    feed.question(pictures)        # to be answered

Nothing is copied between the machine and the device, and all shapes are fixed.
"""

from collections.abc import Sequence
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from looks.checkpoint import PROMPT, answer_for
from looks.views import WINDOW_PX, Views, enlarged
from magenta_qa.model.minicpmv.example import IGNORED
from magenta_qa.model.minicpmv.processor import Processor


class Feed:
    """Makes batches from the pages of a shelf.

    Args:
        views: The pages.
        names: The name of each element.
        processor: The checkpoint's.
    """

    def __init__(self, views: Views, names: Sequence[str], processor: Processor) -> None:
        self.views, self.processor = views, processor
        self.freedom = 1.0
        """Share of pairs in one window that lies anywhere; the others see each element near the middle."""
        self.reach = 0.0
        """How near: pixels."""
        self.share = 1.0
        """Share of the elements, from the first on, that are asked about."""
        blank = Image.new("RGB", (WINDOW_PX, WINDOW_PX))
        asked = processor.encode([blank], PROMPT)
        self._question = torch.tensor(asked.input_ids, device=views.device)
        self._span = asked.visual_spans[0]
        self._answers = self._encode_answers(names, blank, len(asked))

    def _encode_answers(self, names: Sequence[str], blank: Image.Image, start: int) -> Tensor:
        """Token ids of each element's answer with its end, filled up with −1, (E, L)."""
        # The question before it is always the same, and so are names that come again.
        ids = {name: self._answer_ids(name) for name in set(names)}
        first = names[0]
        whole = self.processor.encode([blank], PROMPT, answer_for(first)).input_ids[start:]
        if whole != ids[first]:
            raise ValueError(f"the processor encodes {answer_for(first)!r} as {whole}, expected {ids[first]}")
        longest = max(map(len, ids.values()))
        padded = {name: (*found, *[-1] * (longest - len(found))) for name, found in ids.items()}
        return torch.tensor([padded[name] for name in names], device=self.views.device)

    def _answer_ids(self, name: str) -> tuple[int, ...]:
        tokens = self.processor.tokenizer(answer_for(name), add_special_tokens=False)["input_ids"]
        return (*tokens, self.processor.tokenizer.convert_tokens_to_ids(self.processor.markup.answer_end))

    def pairs(self, elements: Sequence[int]) -> dict[str, Any]:
        """A batch to learn from: two pictures for each element, which differ in nothing but the outline's place.

        The window lies anywhere on the page that shows both whole. An element without a neighbour is shown in two
        windows, and so are pairs beyond `freedom`, each element near the middle of its own. The same elements,
        share, freedom and reach give the same batch.
        """
        generator = torch.Generator(self.views.device)
        generator.manual_seed(hash(tuple(elements)) % 2**62)
        first = torch.tensor(elements, device=self.views.device) % max(1, round(self.share * len(self.views.page)))
        second = self.views.neighbor(first, generator)
        windows = self.views.windows(first, second, generator)
        other = torch.where((first == second)[:, None], self.views.windows(first, second, generator), windows)
        outlined = torch.cat([first, second])
        luck = torch.rand(len(first), device=self.views.device, generator=generator)
        anywhere = (luck < self.freedom).repeat(2)[:, None]
        near = self.views.near(outlined, self.reach, generator)
        pictures = self.views.pictures(outlined, torch.where(anywhere, torch.cat([windows, other]), near))
        return self._with_answers(self.question(pictures), outlined)

    def question(self, pictures: Tensor) -> dict[str, Any]:
        """A batch to be answered, about pictures (B, 3, 112, 112)."""
        count, width = len(pictures), len(self._question)
        places = torch.arange(*self._span, device=self.views.device)
        return {
            "input_ids": self._question.repeat(count, 1),
            "pixel_values": [enlarged(pictures)],
            **self._places(places, count, width),
            "downsample_mode": self.processor.downsample,
        }

    def _places(self, places: Tensor, count: int, width: int) -> dict[str, Tensor]:
        """Where the pictures' features go in a batch of `count` rows of `width` tokens."""
        starts = torch.arange(count, device=places.device) * width
        return {
            "visual_positions": (starts[:, None] + places).flatten(),
            "visual_rows": torch.arange(count * len(places), device=places.device),
        }

    def _with_answers(self, batch: dict[str, Any], elements: Tensor) -> dict[str, Any]:
        answers = self._answers[elements]
        known = answers >= 0
        input_ids = torch.cat([batch["input_ids"], answers.where(known, self.processor.padding_id)], 1)
        wanted = answers.where(known, IGNORED)
        question = torch.full_like(batch["input_ids"], IGNORED)
        count, width = input_ids.shape
        columns = torch.arange(len(self._question) - 1, width - 1, device=answers.device)
        rows = torch.arange(count, device=answers.device) * width
        places = torch.arange(*self._span, device=answers.device)
        return {
            **batch,
            **self._places(places, count, width),
            "input_ids": input_ids,
            "labels": torch.cat([question, wanted], 1),
            "answer_positions": (rows[:, None] + columns).flatten(),
            "answer_ids": wanted.flatten(),
        }
