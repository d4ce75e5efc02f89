"""MiniCPM-V 4.6 and 4.7: batched vision, processor and loss equal what transformers publishes."""

import json

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import numpy as np
import torch
import transformers
from packaging.version import Version
from PIL import Image

from magenta_qa.model.errors import ConfigError
from magenta_qa.model.minicpmv import native
from magenta_qa.model.minicpmv.families import describe_parts, family_of
from magenta_qa.model.minicpmv.generation import generate
from magenta_qa.model.minicpmv.native import stock_class
from magenta_qa.model.minicpmv.processor import TooLongError
from magenta_qa.model.minicpmv.random_models import write_checkpoint
from magenta_qa.model.prompt import understanding_prompt

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

PUBLISHED = Version(transformers.__version__) >= Version("5.23")
recent = pytest.mark.skipif(not PUBLISHED, reason="before, transformers took slices of one size only and cut 4x as 16x")

SIZES = [
    *[
        (448, 448),
        (300, 200),
        (64, 64),
        (20, 30),
        (14, 700),
        (448, 449),
        (449, 448),
        (500, 400),
        (640, 480),
        (800, 600),
    ],
    *[
        (1024, 768),
        (1280, 720),
        (1366, 768),
        (1920, 1080),
        (720, 1280),
        (1080, 1920),
        (375, 667),
        (390, 844),
        (414, 896),
    ],
    *[(2560, 1440), (1000, 300), (300, 1000), (2000, 200), (448, 896), (896, 448), (447, 447), (28, 28), (1200, 1200)],
    *[(333, 777), (1600, 900)],
]


def picture(size, seed=0):
    """Random blocks of 8×8 pixels, enlarged: with sharp edges, as pages have."""
    width, height = size
    blocks = np.random.default_rng(seed).integers(0, 256, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    return Image.fromarray(blocks).resize(size, Image.Resampling.NEAREST)


@pytest.fixture(scope="module", params=["MiniCPM-V-4.6", "MiniCPM-V-4.7"])
def folder(request, tmp_path_factory):
    if request.param.endswith("7"):
        pytest.importorskip("transformers.models.minicpmv4_7")
    return write_checkpoint(request.param, tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def model(folder):
    return family_of(folder).load_model(folder, torch.float32)


@pytest.fixture(scope="module")
def processor(folder):
    return family_of(folder).load_processor(folder)


@pytest.fixture(scope="module")
def stock(folder):
    return stock_class(family_of(folder).model_type).from_pretrained(folder, dtype=torch.float32).eval()


def prompt(cells=1):
    return understanding_prompt("click", "button", "Save", "<tr>" + "<td>Ada</td>" * cells + "</tr>")


def packed(examples, patch=14):
    """Slices as the published processor packs them: (1, 3, patch, patches × patch)."""
    rows = []
    for piece in (piece for example in examples for piece in example.slices):
        channels, height, width = piece.shape
        grid = piece.reshape(channels, height // patch, patch, width // patch, patch).transpose(0, 2, 1, 3, 4)
        rows.append(grid.reshape(channels, patch, -1))
    pixels = (np.concatenate(rows, -1)[None].astype(np.float32) / 255 - 0.5) / 0.5
    sizes = [[piece.shape[1] // patch, piece.shape[2] // patch] for example in examples for piece in example.slices]
    return torch.from_numpy(pixels.astype(np.float32)), torch.tensor(sizes)


@pytest.mark.parametrize("mode", ["16x", "4x"])
@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param([(448, 448)] * 3, id="one size"),
        pytest.param([(640, 480), (300, 200)], id="several sizes", marks=recent),
    ],
)
def test_batched_vision_equals_the_published_loop(model, stock, folder, mode, sizes):
    processor = family_of(folder).load_processor(folder, downsample=mode)
    examples = [processor.encode([picture(size, seed)], prompt(seed)) for seed, size in enumerate(sizes)]
    batch = processor.collate(examples)
    pixels, targets = packed(examples)
    with torch.no_grad():
        expected = torch.cat(stock.model.get_image_features(pixels, targets, downsample_mode=mode).pooler_output)
        features = model.visual_features(batch["pixel_values"], mode)[batch["visual_rows"]]
    torch.testing.assert_close(features, expected, atol=5e-6, rtol=1e-4)


@recent
def test_logits_equal_those_of_the_published_model(model, stock, processor):
    examples = [processor.encode([picture((300, 200))], prompt(3)), processor.encode([picture((500, 450))], prompt())]
    batch = processor.collate(examples, side="left")
    pixels, targets = packed(examples)
    extra = {"mm_token_type_ids": batch["mm_token_type_ids"]} if processor.canvas else {}
    with torch.no_grad():
        ours = model(**batch).logits
        theirs = stock(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            pixel_values=pixels,
            target_sizes=targets,
            **extra,
        ).logits
    real = batch["attention_mask"].bool()
    torch.testing.assert_close(ours[real], theirs[real], atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("mode", ["16x", pytest.param("4x", marks=recent)])
def test_pictures_are_cut_as_the_published_processor_cuts_them(folder, mode):
    pil = pytest.importorskip("transformers.models.minicpmv4_6.image_processing_pil_minicpmv4_6")
    published = pil.MiniCPMV4_6ImageProcessorPil(image_mean=[0.5] * 3, image_std=[0.5] * 3)
    processor = family_of(folder).load_processor(folder, downsample=mode)
    for seed, size in enumerate(SIZES):
        shown = picture(size, seed)
        example = processor.encode([shown], prompt())
        expected = published(shown, return_tensors="pt", downsample_mode=mode)
        pixels, targets = packed([example])
        assert targets.tolist() == expected["target_sizes"].tolist(), size
        assert (pixels - expected["pixel_values"]).abs().max() < 1e-6, size


@pytest.mark.parametrize("size", [(300, 200), (1280, 720), (700, 1500)])
def test_ids_equal_those_of_the_whole_text(processor, size):
    """The published processor writes the picture's tokens as text and tokenizes the whole."""
    example = processor.encode([picture(size)], prompt(), "Saves the row.")
    counts = [piece.shape[1] // 14 * (piece.shape[2] // 14) // 16 for piece in example.slices]
    pads = ["<|image_pad|>" * count for count in counts]
    text = f"<image_id>0</image_id><image>{pads[0]}</image>"
    rows = {(300, 200): 0, (1280, 720): 2, (700, 1500): 3}[size]
    columns = len(pads[1:]) // rows if rows else 0
    parts = [f"<slice>{pad}</slice>" for pad in pads[1:]]
    text += "\n".join("".join(parts[row * columns : (row + 1) * columns]) for row in range(rows))
    asked = prompt().removeprefix("<image>")
    whole = f"<|im_start|>user\n{text}{asked.rstrip()}<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
    expected = processor.tokenizer(whole + "Saves the row.<|im_end|>", add_special_tokens=False)["input_ids"]
    assert list(example.input_ids) == expected
    assert processor.decode(example.input_ids[example.answer_start :]) == "Saves the row."


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
    output = model.generate(**processor.collate([example], side="left"), max_new_tokens=3, do_sample=False)
    said = output[0, len(ids) :].tolist()
    for length in range(3):
        grown = processor.collate([type(example)((*ids, *said[:length]), example.slices, example.visual_spans)])
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


def test_saved_checkpoint_keeps_the_published_names(model, folder, tmp_path):
    family = family_of(folder)
    model.save_pretrained(tmp_path)
    family.save_processor(folder, tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["architectures"] == [stock_class(family.model_type).__name__]
    stock_class(family.model_type).from_pretrained(tmp_path)
    again = family.load_model(tmp_path, torch.float32)
    for name, value in model.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name
    assert family.load_processor(tmp_path).pictures == family.load_processor(folder).pictures


def test_lora_pattern_of_the_recipe_finds_the_text_parts_attention(model, folder):
    family = family_of(folder)
    found = family.lora_targets(model, r"llm\..*layers\.\d+\.self_attn\.(q_proj|k_proj|v_proj|o_proj)")
    assert found == [f"model.language_model.layers.1.self_attn.{name}_proj" for name in "qkvo"]
    assert family.lora_targets(model, ["q_proj"], parts=("text", "vision"))[0].startswith("model.vision_tower")
    with pytest.raises(ConfigError, match="outside of text"):
        family.lora_targets(model, ["q_proj"])
    with pytest.raises(ConfigError, match="matches none of"):
        family.lora_targets(model, "llm.*query")
    assert {family.part_of(name) for name in family.lora_targets(model)} == {"text"}
    assert sum(whole for whole, _ in describe_parts(family, model).values()) == sum(
        parameter.numel() for parameter in model.parameters()
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image_token_id": None}, "image_token_id"),
        ({"insert_layer_id": 2}, "insert_layer_id"),
        ({"model_type": "llava"}, "expected one of"),
    ],
)
def test_configuration_that_would_fail_in_silence_is_an_error(folder, tmp_path, change, message):
    for file in folder.iterdir():
        (tmp_path / file.name).symlink_to(file)
    config = json.loads((folder / "config.json").read_text()) | change
    (tmp_path / "config.json").unlink()
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError, match=message):
        family_of(tmp_path).load_model(tmp_path, torch.float32)


def test_transformers_without_an_architecture_is_an_error(monkeypatch):
    def absent(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(native, "import_module", absent)
    with pytest.raises(ConfigError, match="has no MiniCPMV4_7"):
        stock_class("minicpmv4_7")


def test_patch_size_that_differs_from_the_processors_is_an_error(folder, tmp_path):
    for file in folder.iterdir():
        (tmp_path / file.name).symlink_to(file)
    config = json.loads((folder / "config.json").read_text())
    del config["vision_config"]["patch_size"]
    (tmp_path / "config.json").unlink()
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError, match="patches of 14 pixels"):
        family_of(tmp_path).load_processor(tmp_path)


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


@pytest.mark.parametrize(
    "token", ["</image>", "<image>", "<slice>", "<|im_end|>", "<|image_pad|>", "</think>", "<unk>", "<image_id>"]
)
def test_tokens_in_page_text_and_answers_stay_text(processor, token):
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
    assert text.index("Before") < text.index("<image_id>0") < text.index("after") < text.index("<image_id>1")
    assert len(example.slices) == 2
    with pytest.raises(ValueError, match="<image_01>"):
        processor.encode(pages, "Only <image_00>?")


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "1", "I;16"])
def test_pictures_of_every_mode_are_taken(processor, mode):
    shown = Image.new("I;16", (50, 40)) if mode == "I;16" else picture((50, 40)).convert(mode)
    assert processor.encode([shown], prompt()).slices[0].shape[0] == 3
