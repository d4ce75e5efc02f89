"""The back end `local:`: a tiny random model in this process, with and without an adapter."""

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
peft = pytest.importorskip("peft")

from test_understand import ask, candidate, page  # noqa: E402

from magenta_qa.model.errors import ConfigError  # noqa: E402
from magenta_qa.model.local import open_local, parse_local  # noqa: E402
from magenta_qa.model.minicpmv.adapters import content_identity, fingerprint  # noqa: E402
from magenta_qa.model.minicpmv.families import family_of  # noqa: E402
from magenta_qa.model.minicpmv.generation import SentenceEnd  # noqa: E402
from magenta_qa.model.minicpmv.random_models import write_checkpoint  # noqa: E402
from magenta_qa.model.schema import Box, View  # noqa: E402
from magenta_qa.model.understand import Ask, open_understanding  # noqa: E402

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return write_checkpoint("MiniCPM-V-4.6", tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def adapter(base, tmp_path_factory):
    """LoRA with weights that change every answer, as PEFT writes it, with training's record beside it."""
    folder = tmp_path_factory.mktemp("adapter")
    model = family_of(base).load_model(base, torch.float32)
    targets = family_of(base).lora_targets(model)
    adapted = peft.get_peft_model(model, peft.LoraConfig(r=4, target_modules=targets, init_lora_weights=False))
    adapted.save_pretrained(folder)
    record = {"base": {"path": str(base), "family": "MiniCPM-V-4.6", "fingerprint": fingerprint(base)}}
    (folder / "run.json").write_text(json.dumps(record))
    return folder


def asks(count=5):
    crowd = page(*(candidate(n, f"B{n}", text="x " * 9 * n, box=Box(60 * n, 90, 40, 20)) for n in range(1, count + 1)))
    understanding = open_understanding("openai:m@http://127.0.0.1:1", view=View(), cache_dir=None, api_key=None)
    questions = [understanding._ask(crowd, question) for question in questions_of(crowd)]
    understanding.close()
    return [one for one in questions if isinstance(one, Ask)]


def questions_of(observation):
    from magenta_qa.model.schema import Question

    return [Question(c, "click", "<p>x</p>") for c in observation.candidates]


def test_answers_of_a_batch_are_those_of_each_question_alone(base):
    local = open_local(f"local:{base}", View(), device="cpu")
    together = local.answer_all(asks())
    for one, question in zip(together, asks(), strict=True):
        alone = local.answer_all([question])[0]
        assert alone.text == one.text and alone.confidence == pytest.approx(one.confidence, abs=1e-4)
    assert all(0 < answer.confidence < 1 for answer in together)


def test_adapter_changes_answers_and_identity(base, adapter):
    plain, adapted = open_local(f"local:{base}", View()), open_local(f"local:{base}+{adapter}", View())
    assert plain.identity() != adapted.identity()
    assert [a.text for a in plain.answer_all(asks())] != [a.text for a in adapted.answer_all(asks())]


def test_adapter_of_another_base_is_refused(base, adapter, tmp_path):
    other = write_checkpoint("MiniCPM-V-4.6", tmp_path / "other")
    config = json.loads((other / "config.json").read_text())
    config["text_config"]["rms_norm_eps"] = 1e-3
    (other / "config.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError, match=r"trained on other weights of MiniCPM-V-4.6 .*give the adapter's own base"):
        open_local(f"local:{other}+{adapter}", View())


def test_adapter_that_lost_a_weight_is_refused(base, adapter, tmp_path):
    from safetensors.torch import load_file, save_file

    broken = tmp_path / "broken"
    broken.mkdir()
    for file in adapter.iterdir():
        (broken / file.name).write_bytes(file.read_bytes())
    weights = load_file(broken / "adapter_model.safetensors")
    name = min(weights)
    del weights[name]
    save_file(weights, broken / "adapter_model.safetensors")
    with pytest.raises(ConfigError, match="does not fit"):
        open_local(f"local:{base}+{broken}", View())


def test_weights_tell_identities_apart_even_of_equal_size(base, tmp_path):
    twin = write_checkpoint("MiniCPM-V-4.6", tmp_path / "twin", seed=1)
    assert fingerprint(twin) != fingerprint(base)
    assert content_identity(twin, None) != content_identity(base, None)


def test_back_end_describes_a_page_and_degrades_what_is_no_sentence(base, tmp_path):
    understanding = open_understanding(f"local:{base}", view=View(), cache_dir=tmp_path, api_key=None)
    crowd = page(candidate(1, "Save", text="Save"), candidate(2, "Far", in_view=False))
    described = ask(understanding, crowd)
    assert [d.mark for d in described] == [1, 2]
    assert described[0].backend == f"local:{base}" or described[0].unusable
    assert described[1].reason == "outside the viewport: no picture"
    understanding.close()


def test_generation_ends_where_the_sentence_does(base):
    processor = family_of(base).load_processor(base)
    texts = ["Opens the cart. And", "Opens v1.5 of", "Opens the cart.", 'Says "no!" to it']
    rows = [processor.tokenizer(text)["input_ids"] for text in texts]
    width = max(map(len, rows))
    ids = torch.tensor([row + [processor.padding_id] * (width - len(row)) for row in rows])
    assert SentenceEnd(processor, 0)(ids, None).tolist() == [True, False, False, True]


@pytest.mark.parametrize("spec", ["local:", "local:m+", "local:+a"])
def test_spec_of_another_form_says_what_was_expected(spec):
    with pytest.raises(ConfigError, match=r"expected local:PATH or local:PATH\+ADAPTER"):
        parse_local(spec)


def test_path_with_a_plus_in_it_is_one_path(tmp_path):
    folder = tmp_path / "a+b"
    folder.mkdir()
    assert parse_local(f"local:{folder}") == (str(folder), None)
    with pytest.raises(ConfigError, match="there is no folder"):
        parse_local("local:base+missing")
    assert parse_local(f"local:base+{folder.parent}") == ("base", Path(folder.parent))
