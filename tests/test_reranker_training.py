"""A toy reranker is packed, trained, stopped, gone on with, exported and asked."""

from random import Random

import pytest

np = pytest.importorskip("numpy")
torch = pytest.importorskip("torch")
for _package in ("onnx", "onnxruntime", "pyarrow"):
    pytest.importorskip(_package)

from magenta_qa.finetune.reranker import train  # noqa: E402
from magenta_qa.finetune.reranker.export import export  # noqa: E402
from magenta_qa.finetune.reranker.network import Batch, Reranker, table_of  # noqa: E402
from magenta_qa.finetune.reranker.pack import ACCESSIBLE, Look, Packer  # noqa: E402
from magenta_qa.model.reranker.encode import encode  # noqa: E402
from magenta_qa.model.reranker.network import open_network  # noqa: E402
from magenta_qa.model.reranker.words import Line  # noqa: E402

pytestmark = pytest.mark.slow
WORDS = [f"word{letter}{other}" for letter in "abcdefgh" for other in "abcdefgh"]


def _look(number: int) -> Look:
    r = Random(number)
    look = Look(("train", "train", "train", "validation", "test")[number % 5])
    for mark, word in enumerate(r.sample(WORDS, 6), 1):
        look.lines[mark] = {ACCESSIBLE: Line("button", word, "", f"Opens {word}.")}
        look.says[mark] = f"Opens {word}."
        look.steps[f"Go to {word}"] = mark
    return look


def test_from_steps_to_a_file_that_finds_them(tmp_path, monkeypatch, capsys):
    vectors = np.random.default_rng(0).normal(size=(len(WORDS), 96)).astype(np.float16) / 10
    np.savez(tmp_path / "words.npz", words=np.array(WORDS), vectors=vectors)
    packer = Packer(WORDS)
    for number in range(200):
        packer.add(_look(number))
    packer.save(tmp_path / "pack.npz")
    command = ["train", *map(str, (tmp_path / "pack.npz", tmp_path / "words.npz", tmp_path))]
    command += ["--rows", "96", "--workers", "0", "--examined", "4", "--minutes", "0.8"]
    monkeypatch.setattr("sys.argv", [*command, "--stop-after", "0.4"])
    train.main()
    assert "stopped in time" in capsys.readouterr().out and not (tmp_path / "reranker.npz").exists()
    monkeypatch.setattr("sys.argv", command)
    train.main()
    export(tmp_path / "reranker.npz", tmp_path / "words.npz", tmp_path / "out", threshold=0.9)
    network = open_network(tmp_path / "out")
    right = 0
    for number in range(200, 220):
        look = _look(number)
        lines = [variants[ACCESSIBLE] for variants in look.lines.values()]
        right += sum(int(network.shares(step, lines).argmax()) == mark for step, mark in look.steps.items())
    assert right >= 100, f"{right} of 120"
    step = next(iter(look.steps))
    assert network.shares(step, lines) == pytest.approx(_by_torch(tmp_path, vectors, step, lines), abs=0.03)


def _by_torch(folder, vectors, step, lines):
    network = Reranker(table_of(vectors)).eval()
    with np.load(folder / "reranker.npz") as stored:
        state = {name: torch.from_numpy(stored[name].astype(np.float32)) for name in stored.files}
    network.load_state_dict(state | {"given": network.given})
    read = encode(step, lines, {word: place for place, word in enumerate(WORDS, 1)})
    tokens = [torch.from_numpy(part.copy()) for part in read[:4]]
    places = torch.arange(1, len(lines) + 1)
    batch = Batch(*tokens, torch.zeros(len(lines), dtype=torch.long), places, torch.tensor([len(lines)]), read.asked)
    with torch.no_grad():
        return network(batch).softmax(1)[0].numpy()
