"""Who may import whom (design.md, "Packages"), and that importing the agent costs next to nothing."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "model": {"model"},
    "agent": {"agent", "model"},
    "finetune": {"finetune", "model"},
    "scenarios": {"scenarios"},
}
# The rule's two exceptions, and `magenta demo`, which starts the shop that lies in `scenarios`.
EXCEPTIONS = {("agent/cli.py", "finetune"), ("finetune/corpus/", "agent"), ("agent/demo.py", "scenarios")}
FOREIGN = {
    "agent": {"torch", "transformers", "peft", "datasets"},
    "finetune": {"playwright"},
    "model": {"playwright", "torch", "transformers", "peft", "datasets"},
}
# Draws its pages in a real browser; not in the wheel.
CORPUS = "finetune/corpus/"
# The parts of `model` that run models in this process; nothing else there may load PyTorch.
MODELS = ("model/minicpmv/", "model/local.py")
# How pictures are cut, for models of all kinds; needs no PyTorch.
CUTTING = "magenta_qa.model.minicpmv.pictures"
EXTRAS = {
    *("torch", "transformers", "peft", "datasets", "accelerate", "deepspeed", "tensorboard", "wandb"),
    *("starlette", "uvicorn", "vllm", "gradio"),
}
LAZY = {"PIL", "onnxruntime", "tokenizers"}


def sources():
    return [(package, path) for package in ALLOWED for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path):
    """Dotted names of everything that a file imports, anywhere in it, also by `import_module("…")`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("magenta_qa."):
            yield node.value


@pytest.mark.parametrize(
    ("package", "path"), sources(), ids=lambda value: value.name if isinstance(value, Path) else value
)
def test_package_imports_only_what_it_may(package, path):
    place = path.relative_to(ROOT).as_posix()
    for name in imported(path):
        assert not name.startswith("."), f"{place} imports {name} relatively"
        parts = name.split(".")
        if parts[0] == "magenta_qa" and len(parts) > 1:
            exempt = any(place.startswith(where) and parts[1] == what for where, what in EXCEPTIONS)
            assert parts[1] in ALLOWED[package] or exempt, f"{place} imports {name}"
        allowed = {"torch", "transformers", "peft"} if place.startswith(MODELS) else set()
        allowed |= {"playwright"} if place.startswith(CORPUS) else set()
        assert parts[0] not in FOREIGN.get(package, set()) - allowed, f"{place} imports {name}"
        inner = place.startswith((*MODELS, "finetune/")) or not name.startswith("magenta_qa.model.minicpmv")
        inner = inner or (place.startswith("model/embedded/") and name.startswith(CUTTING))
        assert inner, f"{place} imports {name}, which loads PyTorch"
        assert parts[0] not in ALLOWED, f"{place} imports {name}: write magenta_qa.{name}"


def loaded_by(statement):
    """Top-level modules that are loaded in a fresh interpreter after a statement."""
    code = f"import json, sys\n{statement}\nprint(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("module", ["magenta_qa.agent", "magenta_qa.agent.pytest_plugin", "magenta_qa.model"])
def test_importing_loads_neither_extras_nor_heavy_libraries(module):
    loaded = loaded_by(f"import {module}")
    assert not loaded & (EXTRAS | LAZY)


def test_importing_the_agent_package_loads_no_library_at_all():
    assert not loaded_by("import magenta_qa.agent") & {"playwright", "httpx", "pydantic", "bs4", "yaml", "pytest"}


def test_pytest_start_up_with_the_plugin_loads_neither_extras_nor_heavy_libraries(tmp_path):
    (tmp_path / "test_empty.py").write_text("def test_nothing(): pass\n")
    arguments = ["-q", "--rootdir", str(tmp_path), str(tmp_path)]
    loaded = loaded_by(f"import pytest\nassert pytest.main({arguments!r}) == 0")
    assert "magenta_qa" in loaded, "the plugin is not installed"
    assert not loaded & (EXTRAS | LAZY)
