"""What every family's models and processors do alike."""

import json
from dataclasses import replace

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
from minicpmv_cases import picture
from PIL import Image

from magenta_qa.model.errors import ConfigError
from magenta_qa.model.minicpmv.families import FAMILIES, describe_parts, family_named, family_of
from magenta_qa.model.minicpmv.generation import generate
from magenta_qa.model.minicpmv.processor import TooLongError
from magenta_qa.model.minicpmv.random_models import build_config, write_checkpoint
from magenta_qa.model.prompt import understanding_prompt

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module", params=[family.name for family in FAMILIES])
def folder(request, tmp_path_factory):
    if request.param.endswith("4.7"):
        pytest.importorskip("transformers.models.minicpmv4_7")
    return write_checkpoint(request.param, tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def model(folder):
    return family_of(folder).load_model(folder, torch.float32)


@pytest.fixture(scope="module")
def processor(folder):
    return family_of(folder).load_processor(folder)


def prompt(cells=1):
    return understanding_prompt("click", "button", "Save", "<tr>" + "<td>Ada</td>" * cells + "</tr>")


def test_loss_is_the_answers_cross_entropy(model, processor):
    examples = [
        processor.encode([picture((300, 200))], prompt(9), "Saves the row."),
        processor.encode([picture((200, 200), 1)], prompt(), "Opens a menu."),
    ]
    batch = processor.collate(examples)
    with torch.no_grad():
        loss = model(**batch).loss
        logits = model(**{name: value for name, value in batch.items() if name != "labels"}).logits
        summed = model(**batch, num_items_in_batch=torch.tensor(100)).loss
        found = model(**{name: value for name, value in batch.items() if not name.startswith("answer")}).loss
    expected = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), batch["labels"][:, 1:].flatten())
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(summed * 100 / len(batch["answer_ids"]), expected)


def test_equal_slices_are_encoded_once_and_change_nothing(model, processor):
    shared = picture((640, 480))
    outlined = shared.copy()
    outlined.paste((255, 0, 255), (10, 10, 60, 40))
    examples = [processor.encode([page], prompt(seed)) for seed, page in enumerate((shared, outlined))]
    batch = processor.collate(examples)
    slices = sum(len(example.slices) for example in examples)
    encoded = sum(len(group) for group in batch["pixel_values"])
    assert encoded < slices
    with torch.no_grad():
        logits = model(**batch).logits
        for row, example in enumerate(examples):
            alone = model(**processor.collate([example])).logits[0]
            torch.testing.assert_close(logits[row, : len(example)], alone, atol=1e-5, rtol=1e-4)


def test_answers_are_the_same_alone_and_in_a_batch(model, processor):
    examples = [processor.encode([picture((100 + 90 * n, 120), n)], prompt(n)) for n in range(3)]
    together = generate(model, processor, examples, max_new_tokens=4)
    for example, answer in zip(examples, together, strict=True):
        alone = generate(model, processor, [example], max_new_tokens=4)[0]
        assert alone.text == answer.text
        assert alone.confidence == pytest.approx(answer.confidence, abs=1e-5)


def test_generation_continues_what_a_full_pass_says(model, processor):
    example = processor.encode([picture((300, 200))], prompt())
    ids = list(example.input_ids)
    output = model.generate(**processor.collate([example], "left"), max_new_tokens=3, do_sample=False)
    said = output[0, len(ids) :].tolist()
    for length in range(3):
        grown = processor.collate([replace(example, input_ids=(*ids, *said[:length]))])
        with torch.no_grad():
            assert model(**grown).logits[0, -1].argmax().item() == said[length]


def test_frozen_vision_keeps_no_graph_and_lora_on_text_trains(model, processor):
    model.requires_grad_(False)
    layer = model.get_submodule(family_of(processor.path).lora_targets(model)[0])
    layer.weight.requires_grad_(True)
    batch = processor.collate([processor.encode([picture((300, 200))], prompt(), "Saves.")])
    assert not model.visual_features(batch["pixel_values"]).requires_grad
    model(**batch).loss.backward()
    assert layer.weight.grad.abs().sum() > 0
    model.zero_grad()
    model.requires_grad_(True)
    assert model.visual_features(batch["pixel_values"]).requires_grad


def test_long_html_is_cut_and_the_answer_is_whole(processor):
    html = "<ul>" + "<li>Ada Lovelace</li>" * 3000 + "</ul>"
    asked = understanding_prompt("click", "button", "Save", html)
    example = processor.encode([picture((300, 200))], asked, "Saves the row.", max_length=400)
    assert len(example) <= 400
    assert example.trimmed > 50_000
    assert processor.decode(example.input_ids[example.answer_start :]) == "Saves the row."
    assert "surrounding_html: <ul><li>" in processor.tokenizer.decode(example.input_ids)
    with pytest.raises(TooLongError, match="room for"):
        processor.encode([picture((300, 200))], asked, "Saves the row.", max_length=100)


def test_long_answer_is_cut_and_ends(processor):
    example = processor.encode([picture((60, 60))], prompt(), "Saves the row of Ada. " * 300)
    assert example.input_ids[-1] == processor.end_ids[-1] or example.input_ids[-1] in processor.end_ids
    assert len(example) - example.answer_start <= 257
    assert example.trimmed > 0


def test_tokens_in_page_text_and_answers_stay_text(processor):
    for token in processor.tokenizer.added_tokens_decoder.values():
        if len(str(token)) > 1:
            check_stays_text(processor, str(token))


def check_stays_text(processor, token):
    clean = processor.encode([picture((60, 60))], prompt(), "Saves it.")
    hostile = understanding_prompt("click", "button", f"a{token}b", f"<svg><image/>{token}</svg>{token}")
    raw = "<image>\nWhat? " + token + " surrounding_html: <b>" + token
    special = processor._special
    for asked in (hostile, raw):
        example = processor.encode([picture((60, 60))], asked, f"Saves {token} it.")
        assert sum(i in special for i in example.input_ids) == sum(i in special for i in clean.input_ids)
        assert len(example.visual_spans) == 1


def test_several_pictures_stand_where_their_numbers_stand(processor):
    pages = [picture((60, 60), 1), picture((120, 60), 2)]
    example = processor.encode(pages, "Before <image_00> and after <image_01> it?")
    text = processor.tokenizer.decode(example.input_ids)
    first = text.index("<image>")
    assert text.index("Before") < first < text.index("after") < text.index("<image>", first + 1) < text.index("it?")
    assert ("<image_id>1</image_id>" in text) == processor.markup.use_image_id
    assert len(example.slices) == 2
    with pytest.raises(ValueError, match="<image_01>"):
        processor.encode(pages, "Only <image_00>?")


def test_pictures_of_every_mode_are_taken(processor):
    shown = [picture((50, 40)).convert(mode) for mode in ("L", "P", "RGBA", "LA", "1")]
    for page in [*shown, Image.new("I;16", (50, 40))]:
        assert processor.encode([page], prompt()).slices[0].shape[0] == 3


def test_pictures_of_impossible_shapes_are_errors(processor):
    with pytest.raises(ValueError, match="cannot cut a picture of 3×900 pixels"):
        processor.encode([Image.new("RGB", (3, 900))], prompt())


def test_lora_pattern_of_the_recipe_finds_the_text_parts_attention(model, folder):
    family = family_of(folder)
    found = family.lora_targets(model, r"llm\..*layers\.\d+\.self_attn\.(q_proj|k_proj|v_proj|o_proj)")
    layers = [1] if "4." in family.name else [0, 1]
    assert found == [f"{family.text}.layers.{layer}.self_attn.{name}_proj" for layer in layers for name in "qkvo"]
    both = family.lora_targets(model, ["q_proj"], parts=("text", "vision"))
    assert {family.part_of(name) for name in both} == {"text", "vision"}
    with pytest.raises(ConfigError, match="outside of text"):
        family.lora_targets(model, ["q_proj"])
    with pytest.raises(ConfigError, match="matches none of"):
        family.lora_targets(model, "llm.*query")
    assert {family.part_of(name) for name in family.lora_targets(model)} == {"text"}
    assert sum(whole for whole, _ in describe_parts(family, model).values()) == sum(
        parameter.numel() for parameter in model.parameters()
    )


def test_packed_examples_have_the_loss_of_separate_ones(model, processor, folder):
    family = family_of(folder)
    if not family.packing:
        pytest.skip("a text part that carries a state along is never packed")
    examples = [processor.encode([picture((60 + 20 * n, 60), n)], prompt(n), "Saves it." * n) for n in (1, 2, 3)]
    with torch.no_grad():
        separate = model(**processor.collate(examples)).loss
        torch.testing.assert_close(model(**processor.collate(examples, "packed")).loss, separate)


def test_adapter_with_whole_parts_trains_and_merges(folder, tmp_path):
    peft = pytest.importorskip("peft")
    family = family_of(folder)
    model, processor = family.load_model(folder, torch.float32), family.load_processor(folder)
    batch = processor.collate([processor.encode([picture((80, 60))], prompt(), "Saves the row.")])
    settings = peft.LoraConfig(
        r=4,
        target_modules=family.lora_targets(model),
        modules_to_save=family.modules(["resampler", "embeddings", "vision"]),
        task_type="CAUSAL_LM",
        lora_alpha=8,
    )
    wrapped = peft.get_peft_model(model, settings).train()
    wrapped.enable_input_require_grads()
    wrapped.gradient_checkpointing_enable({"use_reentrant": False})
    optimizer = torch.optim.AdamW([value for value in wrapped.parameters() if value.requires_grad], lr=3e-3)
    losses = []
    for _ in range(6):
        loss = wrapped(**batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 0.3
    wrapped.eval()
    with torch.no_grad():
        after = wrapped(**batch).loss
    wrapped.save_pretrained(tmp_path / "adapter")
    again = peft.PeftModel.from_pretrained(family.load_model(folder, torch.float32), tmp_path / "adapter").eval()
    with torch.no_grad():
        torch.testing.assert_close(again(**batch).loss, after)
    merged = again.merge_and_unload()
    merged.save_pretrained(tmp_path / "merged")
    family.save_processor(folder, tmp_path / "merged")
    with torch.no_grad():
        loaded = family_of(tmp_path / "merged").load_model(tmp_path / "merged", torch.float32)
        torch.testing.assert_close(loaded(**batch).loss, after, atol=1e-5, rtol=1e-5)
    original = family.load_model(folder, torch.float32)
    assert set(loaded.state_dict()) == set(original.state_dict())
    answer = generate(again, processor, [processor.encode([picture((80, 60))], prompt())], max_new_tokens=2)
    assert len(answer) == 1


def test_saved_checkpoint_says_what_the_published_one_said(model, folder, tmp_path):
    family = family_of(folder)
    published = json.loads((folder / "config.json").read_text())
    model.save_pretrained(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text()) == published
    family.save_processor(folder, tmp_path)
    again = family.load_model(tmp_path, torch.float32)
    for name, value in model.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name
    assert family.load_processor(tmp_path).pictures == family.load_processor(folder).pictures


@pytest.mark.parametrize(
    ("name", "millions"), [("MiniCPM-V-4.6", 1300), ("MiniCPM-V-2_6", 8100), ("MiniCPM-Llama3-V-2_5", 8537)]
)
def test_real_sizes_are_those_of_the_published_models(name, millions):
    from magenta_qa.model.minicpmv.loading import model_class

    with torch.device("meta"):
        model = model_class(family_named(name))(build_config(name, "real"))
    assert sum(parameter.numel() for parameter in model.parameters()) / 1e6 == pytest.approx(millions, rel=0.02)


def test_a_weight_that_is_missing_or_left_over_is_an_error(folder, tmp_path):
    safetensors = pytest.importorskip("safetensors.torch")
    family = family_of(folder)
    family.save_processor(folder, tmp_path)
    (tmp_path / "config.json").write_bytes((folder / "config.json").read_bytes())
    weights = safetensors.load_file(folder / "model.safetensors")
    lost = next(name for name in weights if family.part_of(name) == "resampler")
    renamed = {name if name != lost else name + "_old": value for name, value in weights.items()}
    safetensors.save_file(renamed, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(ConfigError, match="lacks 1 weights"):
        family.load_model(tmp_path, torch.float32)
