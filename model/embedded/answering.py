"""The understanding back end `embedded:PATH`: a small exported MiniCPM-V in this process, on the CPU, without PyTorch.

    answering = open_embedded("embedded:models/small")
    answering.answer_all([ask, …])    -> [Completion("Opens the cart.", 0.93), …]

PATH is a folder that `magenta finetune export` wrote. What the model is shown is `model.closeup`, as in its training.
Files are checked when it is opened; the graphs are loaded when something is first asked.
"""

from collections.abc import Iterator, Sequence

from PIL import Image

from magenta_qa.model.chat_answer import Completion
from magenta_qa.model.closeup import CLOSEUP
from magenta_qa.model.embedded.files import ModelFiles, folder_of, read_files
from magenta_qa.model.embedded.glossary import LabelledIcon
from magenta_qa.model.embedded.network import THREADS, shared_network
from magenta_qa.model.embedded.placing import icon_sentence, is_reading
from magenta_qa.model.embedded.prompts import Prompt, Prompts
from magenta_qa.model.embedded.swatches import colour_of
from magenta_qa.model.embedded.writing import write
from magenta_qa.model.errors import BackendError
from magenta_qa.model.understand import MAX_TOKENS, Ask

_AT_ONCE = 256
"""Questions whose pictures are held in memory together."""


def open_embedded(spec: str, threads: int = THREADS) -> "EmbeddedAnswering":
    """The model that `spec` names.

    Args:
        spec: `embedded:PATH`.
        threads: At most.

    Raises:
        ConfigError: The spec has another form, or there is no whole model.
    """
    return EmbeddedAnswering(spec.strip(), read_files(folder_of(spec)), threads)


class EmbeddedAnswering:
    """An exported model in this process.

    Args:
        spec: What it is called.
        files: The model's.
        threads: At most.
    """

    reads_pictures_only = True

    def __init__(self, spec: str, files: ModelFiles, threads: int = THREADS) -> None:
        self.spec = spec
        self.view = CLOSEUP
        self._files = files
        self._prompts = Prompts(files, MAX_TOKENS)
        self._glossary = files.glossary()
        self._network = shared_network(files, threads)

    def identity(self) -> str:
        """A hash of everything that is in the model's folder."""
        return self._files.identity

    def taught(self, name: str) -> tuple[str, ...]:
        """What a team's labels and steps say of controls that are called so."""
        return self._glossary.sayings(name)

    def labelled(self, picture: Image.Image) -> LabelledIcon | None:
        """What a team's labels say of an icon that looks like this."""
        return self._glossary.icon(picture)

    def answer_all(self, asks: Sequence[Ask]) -> list[Completion | BackendError]:
        """The answers, in order; what went wrong in the place of those that could not be asked."""
        answers: list[Completion | BackendError] = []
        for start in range(0, len(asks), _AT_ONCE):
            encoded = [_measured(ask) or self._encode(ask) for ask in asks[start : start + _AT_ONCE]]
            written = iter(self._answer([one for one in encoded if isinstance(one, Prompt)]))
            answers += [next(written) if isinstance(one, Prompt) else one for one in encoded]
        return answers

    def close(self) -> None:
        """Nothing to release: the memory goes with the object."""

    def _encode(self, ask: Ask) -> Prompt | BackendError:
        picture = ask.views.outlined(ask.question.candidate.box)
        try:
            return self._prompts.encode(picture, ask.prompt)
        except ValueError as error:
            return BackendError(f"{self.spec} cannot be asked: {error}")

    def _answer(self, prompts: Sequence[Prompt]) -> Iterator[Completion]:
        facts, decode = self._prompts.facts, self._prompts.decode
        yield from write(self._network, facts, decode, prompts, most=MAX_TOKENS, doubted=is_reading)


def _measured(ask: Ask) -> Completion | None:
    """What can be told of a picture without the model: the colour of a swatch in a palette."""
    colour = colour_of(ask.views.element(ask.question.candidate.box)) if ask.has_picture else ""
    return Completion(icon_sentence(f"Chooses {colour}", colour), 1.0) if colour else None
