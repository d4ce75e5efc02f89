"""The fast way of `local:`: the same answers as transformers' `generate`, whatever the batch, for every family."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from PIL import Image  # noqa: E402

from magenta_qa.model.minicpmv.burst import Burst, Written  # noqa: E402
from magenta_qa.model.minicpmv.families import family_of  # noqa: E402
from magenta_qa.model.minicpmv.generation import generate  # noqa: E402
from magenta_qa.model.minicpmv.random_models import write_checkpoint  # noqa: E402
from magenta_qa.model.prompt import understanding_prompt  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module", params=["MiniCPM-V-4.6", "MiniCPM-V-2_6", "MiniCPM-Llama3-V-2_5"])
def model(request, tmp_path_factory):
    folder = write_checkpoint(request.param, tmp_path_factory.mktemp("base"))
    family = family_of(folder)
    return family.load_model(folder, torch.float32, "cpu"), family.load_processor(folder)


def questions(processor, count=5):
    """Of different lengths."""
    pictures = [Image.effect_noise((448, 448), 60 + n).convert("RGB") for n in range(count)]
    texts = [understanding_prompt("click", "button", f"Item {n}", "<p>" + "x y " * 9 * n) for n in range(count)]
    return [processor.encode([picture], text) for picture, text in zip(pictures, texts, strict=True)]


@pytest.mark.parametrize("sentence", [False, True])
def test_burst_says_what_generate_says(model, sentence, monkeypatch):
    made, processor = model
    # Prompts are read two or three at a time, so that rows come from several passes.
    monkeypatch.setattr("magenta_qa.model.minicpmv.burst.READ_TOKENS", 600)
    asked = questions(processor)
    expected = generate(made, processor, asked, max_new_tokens=12, sentence=sentence)
    for _ in range(2):  # the second time on a slate that was used before
        found = Burst(made, processor, batch=5).answer(asked, max_new_tokens=12, sentence=sentence)
        assert [one.text for one in found] == [one.text for one in expected]
        assert [one.confidence for one in found] == pytest.approx([one.confidence for one in expected], abs=1e-4)


def test_slate_is_used_again_without_a_trace_of_what_stood_there(model):
    made, processor = model
    burst = Burst(made, processor)
    first, second = questions(processor, 3), questions(processor, 6)[3:]
    alone = Burst(made, processor).answer(second, max_new_tokens=10)
    burst.answer(first, max_new_tokens=10)
    assert [one.text for one in burst.answer(second, max_new_tokens=10)] == [one.text for one in alone]


def test_batch_is_halved_where_the_memory_does_not_suffice(model, monkeypatch):
    made, processor = model
    burst, sizes = Burst(made, processor, batch=4), []
    real = Burst.write

    def write(self, examples, most, *, sentence=False):
        sizes.append(len(examples))
        if len(examples) > 2:
            raise torch.OutOfMemoryError("as told")
        return real(self, examples, most, sentence=sentence)

    monkeypatch.setattr(Burst, "write", write)
    asked = questions(processor)
    assert len(burst.answer(asked, max_new_tokens=4)) == 5
    assert sizes == [4, 2, 2, 1]


def test_answer_ends_where_its_first_sentence_does(model):
    made, processor = model
    burst = Burst(made, processor)
    ids = processor.tokenizer("Opens the cart. And more", add_special_tokens=False)["input_ids"]
    ended = [count for count in range(1, len(ids)) if burst._sentence(ids[:count])]
    assert processor.tokenizer.decode(ids[: ended[0]]).strip() == "Opens the cart."
    said = burst._answer(Written(ids[: ended[0]], [0.5] * ended[0], True))
    assert (said.text, said.complete) == ("Opens the cart.", True)
    assert said.confidence == pytest.approx(0.5)
