"""A toy reranker is packed, trained, stopped, gone on with, exported and asked."""

from random import Random

import pytest

np = pytest.importorskip("numpy")
torch = pytest.importorskip("torch")
for _package in ("onnx", "onnxruntime", "pyarrow"):
    pytest.importorskip(_package)

from magenta_qa.finetune.reranker import network as architecture  # noqa: E402
from magenta_qa.finetune.reranker import train  # noqa: E402
from magenta_qa.finetune.reranker.export import export  # noqa: E402
from magenta_qa.finetune.reranker.look import ACCESSIBLE, READ, Look  # noqa: E402
from magenta_qa.finetune.reranker.network import Batch, Reranker  # noqa: E402
from magenta_qa.finetune.reranker.pack import Packer  # noqa: E402
from magenta_qa.finetune.reranker.written import WrittenError, written_looks  # noqa: E402
from magenta_qa.model.reranker.encode import encode  # noqa: E402
from magenta_qa.model.reranker.network import open_network  # noqa: E402
from magenta_qa.model.reranker.pieces import SPECIAL, Pieces  # noqa: E402
from magenta_qa.model.reranker.words import Line  # noqa: E402

pytestmark = pytest.mark.slow
WORDS = [f"word{letter}{other}" for letter in "abcdefgh" for other in "abcdefgh"]
PIECES = [*SPECIAL, "button", "go", "opens", "to", "word", *(f"##{letter}" for letter in "abcdefgh")]


def _look(number: int) -> Look:
    r = Random(number)
    look = Look(("train", "train", "train", "validation", "test")[number % 5])
    for mark, word in enumerate(r.sample(WORDS, 6), 1):
        look.lines[mark] = {ACCESSIBLE: Line("button", word, "", f"Opens {word}.")}
        look.says[mark] = f"Opens {word}."
        look.steps[f"Go to {word}"] = mark
    return look


def test_from_steps_to_a_file_that_finds_them(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(architecture, "LAYERS", 1)
    np.savez(tmp_path / "start.npz", pieces=np.array(PIECES))
    packer = Packer(Pieces(PIECES))
    for number in range(200):
        packer.add(_look(number))
    packer.save(tmp_path / "pack.npz")
    command = ["train", *map(str, (tmp_path / "pack.npz", tmp_path / "start.npz", tmp_path))]
    command += ["--rows", "48", "--workers", "0", "--examined", "4", "--minutes", "1.6", "--rate", "3e-3"]
    monkeypatch.setattr("sys.argv", [*command, "--stop-after", "0.6"])
    train.main()
    assert "stopped in time" in capsys.readouterr().out and not (tmp_path / "reranker.npz").exists()
    monkeypatch.setattr("sys.argv", command)
    train.main()
    export(tmp_path / "reranker.npz", tmp_path / "start.npz", tmp_path / "out", threshold=0.9)
    network = open_network(tmp_path / "out")
    right = 0
    for number in range(200, 220):
        look = _look(number)
        lines = [variants[ACCESSIBLE] for variants in look.lines.values()]
        right += sum(1 + int(network.shares(step, lines)[1:].argmax()) == mark for step, mark in look.steps.items())
    assert right >= 100, f"{right} of 120"
    step = next(iter(look.steps))
    assert network.shares(step, lines) == pytest.approx(_by_torch(tmp_path, step, lines), abs=0.03)


def _by_torch(folder, step, lines):
    network = Reranker(len(PIECES)).eval()
    with np.load(folder / "reranker.npz") as stored:
        network.load_state_dict({name: torch.from_numpy(stored[name].astype(np.float32)) for name in stored.files})
    read = [torch.from_numpy(part.copy()) for part in encode(step, lines, Pieces(PIECES))]
    asked = [part[None] for part in read[:3]]
    places = torch.arange(1, len(lines) + 1)
    batch = Batch(*asked, *read[3:], torch.zeros(len(lines), dtype=torch.long), places, torch.tensor([len(lines)]))
    with torch.no_grad():
        return network(batch).softmax(1)[0].numpy()


def test_written_pages_are_read(tmp_path):
    path = tmp_path / "bakery.txt"
    path.write_text(
        "# Bakery: orders\n"
        "link | Total | | header; row Order Total; heading Orders | Put the dearest on top / Sort by price\n"
        'button | (trash) | | row 1042 Mira "6" rolls | Throw the order of the rolls away\n'
        'input:text | Note | required, value="a, b" | | Write "Hello"\n'
        "none | Print the recipe\n",
        "utf-8",
    )
    (look,) = written_looks([path])
    assert look.steps == {
        "Put the dearest on top": 1, "Sort by price": 1, "Throw the order of the rolls away": 2, 'Write "Hello"': 3,
        "Print the recipe": 0,
    }  # fmt: skip
    assert look.lines[1][ACCESSIBLE] == Line("link", "Total", "", "Sorts by Total under Orders.")
    assert look.lines[2][READ].sentence == 'Deletes the 1042 Mira "6" rolls row (trash icon).'
    assert look.lines[3][ACCESSIBLE].state == 'required value="a, b"'
    path.write_text("# Bakery: orders\nbutton | Save | | Store it\n", "utf-8")
    with pytest.raises(WrittenError, match=r"bakery.txt:2: expected “kind"):
        list(written_looks([path]))
