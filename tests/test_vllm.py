"""Merged checkpoints in the real vLLM: they load, and give the answers and probabilities that we compute ourselves.

Of MiniCPM-V 4.6 only: for 2_6 vLLM takes configuration and processor from the published checkpoint's own code, which a
random checkpoint has not and this project does not run.
"""

import io
import subprocess

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")
pytest.importorskip("datasets")

import httpx
import torch
from PIL import Image
from training_runs import arguments, built_records
from transformers import GenerationConfig
from vllm_engine import MODEL, PYTHON, engine

from magenta_qa.finetune.merge import merge
from magenta_qa.finetune.train import train
from magenta_qa.model.endpoint import picture_part
from magenta_qa.model.minicpmv.families import family_of
from magenta_qa.model.minicpmv.random_models import write_checkpoint
from magenta_qa.model.prompt import IMAGE_TOKEN, understanding_prompt
from magenta_qa.model.serving.profile import PROFILES, Options, Target, plan_vllm

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),
    pytest.mark.skipif(not PYTHON.exists(), reason="no vLLM: make test-vllm installs it (6 GB)"),
]

TOKENS = 12
PROMPT = understanding_prompt("click", "button", "Item 1", "<li><button>Item 1</button></li>")
PICTURE = Image.effect_noise((448, 448), 60).convert("RGB")


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    return built_records(tmp_path_factory.mktemp("data"), rows=24)


def merged(name, records, folder, kind):
    """A tiny random model with an adapter that says something, as one checkpoint."""
    base = write_checkpoint(name, folder / "base", dtype=torch.bfloat16)
    flags = ("--train", kind, "--learning_rate", "1e-2", "--full_learning_rate", "1e-3", "--max_steps", "60")
    train(arguments(base, records, folder / "run", *flags))
    merge(base, folder / "run", folder / "merged")
    return folder / "merged"


def computed_here(folder):
    """The most likely answer, and the logarithm of the probability of its first token."""
    family = family_of(folder)
    processor, model = family.load_processor(folder), family.load_model(folder, torch.bfloat16, "cpu")
    batch = processor.collate([processor.encode([PICTURE], PROMPT)])
    settings = GenerationConfig(
        max_new_tokens=TOKENS,
        do_sample=False,
        output_logits=True,
        return_dict_in_generate=True,
        eos_token_id=list(processor.end_ids),
        pad_token_id=processor.padding_id,
    )
    made = model.generate(**batch, generation_config=settings)
    answer = made.sequences[0, batch["input_ids"].shape[1] :]
    likely = made.logits[0][0].float().log_softmax(-1).max().item()
    return processor.tokenizer.decode(answer, skip_special_tokens=True), likely, batch["input_ids"].shape[1]


def asked(url, model=MODEL):
    png = io.BytesIO()
    PICTURE.save(png, "PNG")
    text = PROMPT.replace(IMAGE_TOKEN, "").lstrip("\n")
    content = [picture_part(png.getvalue()), {"type": "text", "text": text}]
    request = {"model": model, "messages": [{"role": "user", "content": content}]}
    request |= {"temperature": 0, "max_tokens": TOKENS, "logprobs": True}
    answer = httpx.post(f"{url}/chat/completions", json=request, timeout=120, trust_env=False).raise_for_status().json()
    choice = answer["choices"][0]
    return choice["message"]["content"], choice["logprobs"]["content"][0]["logprob"], answer["usage"]["prompt_tokens"]


@pytest.mark.parametrize("kind", ["lora", "recipe"])
def test_vllm_says_of_a_merged_checkpoint_what_we_compute(records, tmp_path, kind):
    folder = merged("MiniCPM-V-4.6", records, tmp_path, kind)
    with engine(folder) as url:
        said, likely, tokens = asked(url)
    expected, expected_likely, expected_tokens = computed_here(folder)
    assert (said, tokens) == (expected, expected_tokens)
    assert likely == pytest.approx(expected_likely, abs=0.1)


WHICH_LAYERS = """
import json, sys
from vllm.config.quantization import resolve_quantization_config
from vllm.model_executor.layers.linear import LinearBase
from vllm.model_executor.layers.quantization.online.base import OnlineQuantizationConfig
method, config, *layers = sys.argv[1:]
online = OnlineQuantizationConfig(resolve_quantization_config(method, json.loads(config)))
print(*[layer for layer in layers if online.resolve_quant_method_cls(LinearBase, layer)])
"""
TEXT = ("language_model.model.layers.0.self_attn.qkv_proj", "llm.model.layers.0.mlp.down_proj")
VISION = (
    "vpm.encoder.layers.0.self_attn.qkv_proj",
    "vit_merger.linear_1",
    "merger.mlp.0.linear_1",
    "resampler.kv_proj",
)


def test_vllm_makes_fp8_of_the_text_part_alone():
    command = plan_vllm(Target("team/base"), PROFILES["l4"], Options("python", fp8=True)).command
    method, config = (command[command.index(name) + 1] for name in ("--quantization", "--quantization-config"))
    asked = [PYTHON, "-c", WHICH_LAYERS, method, config, *TEXT, *VISION]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=300)
    assert tuple(done.stdout.split()) == TEXT, done.stderr[-2000:]
