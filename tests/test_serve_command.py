"""`magenta serve`: which command vLLM is started with, what is said about it, and what cannot be served."""

import json
import socket
import sys

import pytest
from click.testing import CliRunner

for needed in ("starlette", "uvicorn", "prometheus_client"):
    pytest.importorskip(needed)

from magenta_qa.finetune.serve_command import serve, why_merged  # noqa: E402
from magenta_qa.model.errors import ConfigError  # noqa: E402
from magenta_qa.model.serving.profile import PROFILES, Options, Target, choose_profile, plan_vllm  # noqa: E402


def dry(*arguments):
    done = CliRunner().invoke(serve, [*arguments, "--dry-run"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def adapter(folder, **config):
    folder.mkdir()
    entries = {"r": 8, "target_modules": ["model.language_model.layers.0.self_attn.q_proj"]} | config
    (folder / "adapter_config.json").write_text(json.dumps(entries))
    return folder


def test_command_has_the_profile_of_the_card_and_one_picture_a_prompt():
    command = dry("openbmb/MiniCPM-V-4.6", "--profile", "l4", "--revision", "3f1c")
    for part in ("--max-num-seqs 64", '\'{"image":1,"video":0}\'', "--dtype bfloat16", "--revision 3f1c"):
        assert part in command
    assert "--trust-remote-code" not in command and "--quantization" not in command


def test_fp8_leaves_vision_and_cache_alone():
    command = dry("openbmb/MiniCPM-V-4.6", "--profile", "l4", "--fp8")
    assert (
        "--quantization fp8_per_tensor" in command
        and "vpm|vit_merger" in command
        and "--kv-cache-dtype auto" in command
    )


def test_context_grows_with_the_slices_of_the_view():
    lengths = [
        int(plan_vllm(Target("m"), PROFILES["l4"], Options("python", max_slices=slices)).command[13])
        for slices in (1, 9)
    ]
    assert lengths == [3840, 4352]


def test_model_that_brings_its_own_code_is_told_of_and_pinned():
    output = dry("openbmb/MiniCPM-V-2_6", "--profile", "h100", "--revision", "abc")
    assert "runs the Python code that lies beside the weights" in output
    assert "--trust-remote-code --code-revision abc" in output


def test_unpinned_model_of_the_hub_is_told_of():
    assert "pin it with --revision" in dry("openbmb/MiniCPM-V-4.6", "--profile", "cpu")


def test_lora_of_the_text_part_is_loaded_by_vllm_and_anything_else_merged(tmp_path):
    assert why_merged(adapter(tmp_path / "plain")) == ""
    assert "embed_tokens" in why_merged(adapter(tmp_path / "whole", modules_to_save=["embed_tokens"]))
    vision = adapter(tmp_path / "vision", target_modules=["model.vision_tower.encoder.layers.0.self_attn.q_proj"])
    assert "outside of the text part" in why_merged(vision)
    assert "rank is 256" in why_merged(adapter(tmp_path / "large", r=256))
    command = dry("team/base", "--adapter", str(tmp_path / "plain"), "--profile", "l4")
    assert "--enable-lora" in command and "VLLM_ALLOW_RUNTIME_LORA_UPDATING=1" in command
    assert str(tmp_path / "vision.merged") in dry("team/base", "--adapter", str(vision), "--profile", "l4")


def test_folder_that_is_no_adapter_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="magenta finetune train"):
        why_merged(tmp_path)


def test_adapter_of_another_base_on_the_hub_is_refused_by_its_name(tmp_path):
    trained = adapter(tmp_path / "one")
    assert "is not checked" in dry("openbmb/MiniCPM-V-4.6", "--adapter", str(trained), "--profile", "cpu")
    record = {"path": "openbmb/MiniCPM-V-4.6", "family": "MiniCPM-V-4.6", "fingerprint": "0" * 16}
    (trained / "run.json").write_text(json.dumps({"base": record}))
    assert "is not checked" not in dry("openbmb/MiniCPM-V-4.6", "--adapter", str(trained), "--profile", "cpu")
    with pytest.raises(ConfigError, match=r"was trained on openbmb/MiniCPM-V-4\.6, not on"):
        dry("openbmb/MiniCPM-V-4.7", "--adapter", str(trained), "--profile", "cpu")


@pytest.mark.slow
def test_adapter_of_another_base_is_refused(tmp_path):
    pytest.importorskip("torch")
    from magenta_qa.model.minicpmv.random_models import write_checkpoint

    base = write_checkpoint("MiniCPM-V-4.6", tmp_path / "base")
    trained = adapter(tmp_path / "one")
    record = {"path": "elsewhere", "family": "MiniCPM-V-4.6", "fingerprint": "0" * 16}
    (trained / "run.json").write_text(json.dumps({"base": record}))
    with pytest.raises(ConfigError, match="trained on other weights"):
        dry(str(base), "--adapter", str(trained), "--profile", "cpu")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--adapter", "/", "--dry-run"], "nothing to serve: expected a checkpoint, the one that / was trained on"),
        (["openbmb/x", "--adapter", "/", "--dry-run"], "/ is no adapter"),
        (["./nowhere"], "no checkpoint in ./nowhere: there is no such folder"),
        (["/nowhere", "--adapter", "/", "--dry-run"], "no checkpoint in /nowhere"),
        (["/"], "no checkpoint in /: it has no config.json; .* or embedded:/ for an exported model"),
        (["a/b", "--vllm", "/nowhere/python"], "cannot run '/nowhere/python'"),
        (["a/b", "--vllm", sys.executable, "--log", "/nowhere/log"], "cannot write to /nowhere/log .*--log"),
        (["a/b", "--follow", "5", "--dry-run"], "expected --registry"),
        (["--registry", "/nowhere", "--dry-run"], "no adapter is promoted in /nowhere: promote one"),
        (["--port", "1", "--host", "192.0.2.1", "--api-key", "k"], "cannot listen on 192.0.2.1:1"),
        (["embedded:/nowhere"], "no embedded model in /nowhere"),
        (["a/b", "--profile", "l5"], "expected auto, l4, h100, cpu"),
        (["a/b", "--profile", "cpu"], "vllm"),
        (["embedded:/nowhere", "--dry-run", "--fp8"], "expected no --fp8, --dry-run with it"),
    ],
)
def test_what_cannot_be_served_says_what_was_expected(arguments, message):
    with pytest.raises(ConfigError, match=message):
        CliRunner().invoke(serve, arguments, catch_exceptions=False)


def test_port_in_use_is_said_with_the_remedy(tmp_path):
    pytest.importorskip("onnx")
    from embedded_files import write_tiny

    folder = write_tiny(tmp_path / "model")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        with pytest.raises(ConfigError, match=f"127.0.0.1:{port} .*choose another --port"):
            CliRunner().invoke(serve, [f"embedded:{folder}", "--port", port], catch_exceptions=False)


def test_endpoint_open_to_others_needs_a_key(tmp_path, monkeypatch):
    pytest.importorskip("onnx")
    from embedded_files import write_tiny

    monkeypatch.delenv("MAGENTA_API_KEY", raising=False)
    folder = write_tiny(tmp_path / "model")
    with pytest.raises(ConfigError, match="MAGENTA_API_KEY"):
        CliRunner().invoke(serve, [f"embedded:{folder}", "--host", "0.0.0.0"], catch_exceptions=False)


@pytest.mark.parametrize(("mib", "name"), [(None, "cpu"), (23_034, "l4"), (81_559, "h100")])
def test_profile_follows_the_cards_memory(monkeypatch, mib, name):
    monkeypatch.setattr("magenta_qa.model.serving.profile.card_mib", lambda: mib)
    assert choose_profile("auto").name == name
