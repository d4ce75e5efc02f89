"""MiniCPM-V 4.6 and 4.7: batched vision, processor and loss equal what transformers publishes."""

import json

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import numpy as np
import torch
import transformers
from minicpmv_cases import SIZES, picture
from packaging.version import Version

from magenta_qa.model.errors import ConfigError
from magenta_qa.model.minicpmv import native
from magenta_qa.model.minicpmv.families import family_of
from magenta_qa.model.minicpmv.native import stock_class
from magenta_qa.model.minicpmv.random_models import write_checkpoint
from magenta_qa.model.prompt import understanding_prompt

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

PUBLISHED = Version(transformers.__version__) >= Version("5.23")
recent = pytest.mark.skipif(not PUBLISHED, reason="before, transformers took slices of one size only and cut 4x as 16x")


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
    batch = processor.collate(examples, "left")
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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image_token_id": None}, "image_token_id"),
        ({"insert_layer_id": 2}, "insert_layer_id"),
        ({"model_type": "llava"}, "expected one of"),
        ({"model_type": "minicpmv", "version": 2.0}, "'minicpmv' version 2.0; expected one of MiniCPM-V-4.6"),
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
