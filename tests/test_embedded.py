"""The run time of exported models, on one with random weights: NumPy, ONNX Runtime and tokenizers, without PyTorch."""

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
for _package in ("onnx", "onnxruntime", "tokenizers"):
    pytest.importorskip(_package)

from embedded_files import END, PAD, write_tiny  # noqa: E402
from onnx import TensorProto  # noqa: E402
from onnxruntime import InferenceSession  # noqa: E402
from test_understand import candidate, page  # noqa: E402

from magenta_qa.finetune.graphs.builder import Builder  # noqa: E402
from magenta_qa.model.closeup import CLOSEUP  # noqa: E402
from magenta_qa.model.embedded.answering import open_embedded  # noqa: E402
from magenta_qa.model.embedded.files import folder_of, read_files  # noqa: E402
from magenta_qa.model.embedded.int8 import dequantise, dequantise_columns, quantise, quantise_columns  # noqa: E402
from magenta_qa.model.embedded.network import available_threads  # noqa: E402
from magenta_qa.model.embedded.prompts import in_windows, places  # noqa: E402
from magenta_qa.model.embedded.writing import write  # noqa: E402
from magenta_qa.model.errors import BackendError, ConfigError  # noqa: E402
from magenta_qa.model.picture import open_views  # noqa: E402
from magenta_qa.model.schema import Box, Candidate, Context, Observation, Question, State, View  # noqa: E402
from magenta_qa.model.understand import Ask, open_understanding  # noqa: E402


@pytest.fixture(scope="module", params=["float32", "int8"])
def folder(request, tmp_path_factory):
    return write_tiny(tmp_path_factory.mktemp("embedded") / request.param, request.param)


@pytest.fixture
def files(tmp_path):
    return write_tiny(tmp_path / "model")


def asks(count):
    crowd = page(
        *(
            candidate(n, text="word " * (n * 7 % 11), box=Box(25 * n, 60 + 9 * n, 20 + n, 20))
            for n in range(1, count + 1)
        )
    )
    html = [f"<p>{'x' * (n * 37 % 90)}</p>" for n in range(count)]
    questions = (Question(c, "click", text) for c, text in zip(crowd.candidates, html, strict=True))
    return [Ask(open_views(crowd, CLOSEUP), question) for question in questions]


def test_burst_of_40_answers_as_one_at_a_time(folder):
    answering = open_embedded(f"embedded:{folder}")
    burst = answering.answer_all(asks(40))
    alone = [answering.answer_all([ask])[0] for ask in asks(40)]
    assert [answer.text for answer in burst] == [answer.text for answer in alone]
    assert [a.confidence for a in burst] == pytest.approx([a.confidence for a in alone], rel=1e-3)
    # It would be no proof if all answers were alike.
    assert len({answer.text for answer in burst}) > 10 and all(0 < answer.confidence < 1 for answer in burst)


def test_picture_and_prompt_both_reach_the_answer(folder):
    answering = open_embedded(f"embedded:{folder}")
    one, other = asks(2)
    plain = page(candidate(1, box=Box(300, 300, 20, 20)), color=(0, 90, 0))
    moved = Ask(open_views(plain, CLOSEUP), one.question)
    said = answering.answer_all([one, Ask(one.views, other.question), moved])
    assert len({answer.text for answer in said}) == 3


def test_answering_loads_no_pytorch(folder):
    code = (
        "import sys; from test_embedded import asks; from magenta_qa.model.embedded.answering import open_embedded\n"
        f"print(open_embedded('embedded:{folder}').answer_all(asks(2))[0].confidence > 0)\n"
        "print(sorted({'torch', 'transformers', 'peft'} & {name.split('.')[0] for name in sys.modules}))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split("\n")[:2] == ["True", "[]"]


def test_graphs_are_loaded_when_something_is_asked(files):
    answering = open_embedded(f"embedded:{files}")
    assert not {"_vision", "_text"} & vars(answering._network).keys()
    answering.answer_all(asks(1))
    assert {"_vision", "_text"} <= vars(answering._network).keys()


def test_model_says_itself_what_it_is_shown(folder):
    understanding = open_understanding(f"embedded:{folder}", view=View(), cache_dir=None, api_key=None)
    assert understanding.view == CLOSEUP
    understanding.close()


class Dictated:
    """A network that writes given tokens."""

    def __init__(self, rows, size):
        self.rows, self.size, self.fed = rows, size, []

    def begin(self, prompts, room):
        self.at = 0
        return self

    @property
    def logits(self):
        logits = np.zeros((len(self.rows), self.size), np.float32)
        for index, row in enumerate(self.rows):
            logits[index, row[min(self.at, len(row) - 1)]] = 3
        return logits

    def step(self, tokens):
        self.fed.append(tokens.tolist())
        self.at += 1


def test_answers_end_with_their_sentence_or_at_the_ending_token(files):
    answering = open_embedded(f"embedded:{files}")
    prompts, facts = answering._prompts, answering._prompts.facts
    said = ("Opens v1.5. And more", "Saves it.")
    rows = [list(prompts.ids(text)) for text in said]
    rows[1].append(END)
    network = Dictated(rows, 104)
    first, second = write(network, facts, prompts.decode, [(1,), (1, 2)], most=30)
    assert (first.text, first.complete) == ("Opens v1.5.", True)
    assert (second.text, second.complete) == ("Saves it.", True)
    chance = np.e**3 / (np.e**3 + 103)
    assert first.confidence == pytest.approx(chance, rel=1e-5) == second.confidence
    # The one that is done first is filled up while the other goes on.
    assert network.fed[-1] == [rows[0][10], PAD]
    (cut,) = write(Dictated([rows[0]], 104), facts, prompts.decode, [(1,)], most=5)
    assert (cut.text, cut.complete) == ("Opens", False)


def test_prompts_are_gone_back_to_as_they_were_read(files):
    answering = open_embedded(f"embedded:{files}")
    run = answering._network.begin([answering._encode(ask) for ask in asks(3)], 8)
    tokens = run.logits.argmax(-1)
    run.step(tokens)
    expected = run.logits.copy()
    for token in (7, 9):
        run.step(np.full(3, token))
    again = run.begun_again([2, 0, 2], 4)
    again.step(tokens[[2, 0, 2]])
    assert np.allclose(again.logits, expected[[2, 0, 2]], atol=1e-3)
    assert not np.allclose(expected[0], expected[2], atol=1e-2)


def test_answer_in_doubt_comes_with_others_and_their_chances(files):
    answering = open_embedded(f"embedded:{files}")
    network, prompts = answering._network, answering._prompts
    encoded = [answering._encode(ask) for ask in asks(3)]
    plain = write(network, prompts.facts, prompts.decode, encoded, most=30)
    found = write(network, prompts.facts, prompts.decode, encoded, most=30, doubted=lambda text: text == plain[1].text)
    assert [a.text for a in found] == [a.text for a in plain]
    assert [a.likely for a in (found[0], found[2])] == [plain[0].likely, plain[2].likely]
    assert all(len(answer.likely) <= 1 for answer in plain)
    chances = [chance for _, chance in found[1].likely]
    assert found[1].likely != plain[1].likely and chances == sorted(chances, reverse=True) and 0 < sum(chances) < 1


def test_text_with_the_models_own_token_is_refused(files):
    answering = open_embedded(f"embedded:{files}")
    picture = asks(1)[0].views.outlined(Box(30, 70, 20, 20))
    with pytest.raises(ValueError, match="own tokens"):
        answering._prompts.encode(picture, "<image>\ntext: <begin>\n")
    hostile = asks(1)[0]
    question = Question(hostile.question.candidate, "click", "<end>")
    answers = answering.answer_all([hostile, Ask(hostile.views, question), hostile])
    assert [isinstance(answer, BackendError) for answer in answers] == [False, True, False]


def test_long_prompt_loses_its_end_and_nothing_else(files):
    prompts = open_embedded(f"embedded:{files}")._prompts
    picture = asks(1)[0].views.outlined(Box(30, 70, 20, 20))
    short, long = (prompts.encode(picture, f"<image>\nq\nsurrounding_html: {'ab' * n}\n") for n in (300, 3000))
    assert len(long) == 1024 - 64 and long.ids[: len(short) - 2] == short.ids[:-2] and long.ids[-1] == short.ids[-1]
    with pytest.raises(ValueError, match="more than there is room for"):
        prompts.encode(picture, f"<image>\n{'q' * 2000}\nsurrounding_html: \n")


def test_patches_come_window_by_window():
    pixels = np.arange(3 * 56 * 84, dtype=np.uint32).reshape(3, 56, 84)
    patches = in_windows(pixels, 14)
    corners = [(0, 0), (0, 14), (14, 0), (14, 14), (0, 28)]
    for patch, (top, left) in zip(patches, corners, strict=False):
        assert (patch.reshape(3, 14, 14) == pixels[:, top : top + 14, left : left + 14]).all()
    assert places(4, 4, 4)[:5].tolist() == [0, 1, 4, 5, 2]


def test_large_products_of_bytes_are_added_up_without_loss():
    """Rows whose values are all near the largest: in 16 bits two of their products have no room."""
    random = np.random.default_rng(0)
    weight = random.choice([0.9, 0.95, 1.0], (8, 64)).astype(np.float32)
    value = random.choice([0.9, 0.95, 1.0], (3, 64)).astype(np.float32)
    graph = Builder("product", {"layer.weight": weight}, "int8")
    graph.output(
        "y", graph.linear(graph.input("x", TensorProto.FLOAT, ["B", 64]), "layer"), TensorProto.FLOAT, ["B", 8]
    )
    session = InferenceSession(graph.build().SerializeToString(), providers=["CPUExecutionProvider"])
    (product,) = session.run(None, {"x": value})
    assert np.abs(product - value @ weight.T).max() < 0.005 * np.abs(product).max()


def test_columns_come_back_to_half_a_level():
    weight = np.random.default_rng(2).normal(size=(5, 70)).astype(np.float32)
    levels, scale = quantise_columns(weight)
    assert levels.dtype == np.uint8 and levels.shape == (70, 5)
    assert (np.abs(dequantise_columns(levels, scale) - weight) <= scale[:, None] / 2 + 1e-6).all()


def test_int8_keeps_a_weight_to_half_a_level_of_its_block():
    weight = np.random.default_rng(0).standard_normal((5, 70)).astype(np.float32)
    blocked, scale = quantise(weight)
    assert blocked.shape == (5, 3, 32) and scale.shape == (5, 3)
    error = np.abs(dequantise(blocked, scale, 70) - weight)
    assert (error <= np.repeat(scale, 32, 1)[:, :70] * 0.5001).all()


def test_threads_are_no_more_than_the_machine_has():
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert available_threads() == min(2, allowed) and available_threads(10_000) == allowed
    assert available_threads(1) == 1


@pytest.mark.parametrize(("quota", "threads"), [("max 100000", 2), ("100000 100000", 1), ("50000 100000", 1), ("?", 2)])
def test_threads_are_no_more_than_a_container_may_use(tmp_path, monkeypatch, quota, threads):
    monkeypatch.setattr("os.sched_getaffinity", lambda process: range(8), raising=False)
    (tmp_path / "cpu.max").write_text(quota)
    assert available_threads(2, tmp_path / "cpu.max") == threads


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "no embedded model in .*magenta export"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "no JSON"),
        (lambda folder: edit(folder, format=2), "has format 2; expected 3; export it again"),
        (lambda folder: edit(folder, room=0), "room: Input should be greater than 0"),
        (lambda folder: edit(folder, tokenizer={"file": "../x", "bytes": 1, "sha256": "0" * 64}), "tokenizer.file"),
        (lambda folder: (folder / "text.0.bin").unlink(), "lacks text.0.bin .*copy the folder anew"),
        (lambda folder: flip(folder / "vision.0.bin"), "vision.0.bin is damaged: .*expected"),
        (lambda folder: cut(folder / "tokenizer.json"), "tokenizer.json is damaged"),
    ],
    ids=["no manifest", "no JSON", "other format", "bad value", "path", "missing", "checksum", "cut"],
)
def test_damaged_files_are_named(files, damage, said):
    damage(files)
    with pytest.raises(ConfigError, match=said):
        open_understanding(f"embedded:{files}", view=View(), cache_dir=None, api_key=None)


def edit(folder, **entries):
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | entries))


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def test_other_weights_have_another_identity(tmp_path):
    one, other = (read_files(write_tiny(tmp_path / str(seed), seed=seed)).identity for seed in (0, 1))
    assert one != other
    assert one == read_files(write_tiny(tmp_path / "again")).identity


def test_spec_without_a_folder_is_the_shipped_model(files, monkeypatch):
    monkeypatch.setattr("magenta_qa.model.embedded.files.SHIPPED", files)
    understanding = open_understanding("embedded", view=View(), cache_dir=None, api_key=None)
    assert understanding.answering.identity() == read_files(files).identity
    with pytest.raises(ConfigError, match="no embedded model in nowhere"):
        open_understanding("embedded:nowhere", view=View(), cache_dir=None, api_key=None)


def test_shipped_model_is_whole_small_and_reads_a_bin():
    """The weights of the package: 24 MiB at most in files of 16, and a dustbin is one that deletes."""
    from PIL import Image, ImageDraw

    shipped = folder_of("embedded")
    read_files(shipped)
    sizes = [file.stat().st_size for file in shipped.iterdir()]
    assert sum(sizes) <= 24 << 20 and max(sizes) <= 16 << 20
    page = Image.new("RGB", (640, 400), "white")
    draw = ImageDraw.Draw(page)
    draw.line((311, 194, 329, 194), "black", 2)
    draw.line((317, 191, 323, 191), "black", 2)
    draw.polygon(((313, 196), (327, 196), (325, 212), (315, 212)), outline="black", width=2)
    draw.line((318, 199, 318, 209), "black", 1)
    draw.line((322, 199, 322, 209), "black", 1)
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    row = Context("row", "Blue backpack $40.00", 1)
    bin_button = Candidate(
        1, Box(304, 184, 32, 32), "button", "button", "", "", State(), ("click",), context=(row,), point=(16, 16)
    )
    observation = Observation("http://x.test/", "Cart", (640, 400), 1.0, buffer.getvalue(), (bin_button,))
    understanding = open_understanding("embedded", view=View(), cache_dir=None, api_key=None)
    (said,) = understanding.describe(observation, [Question(bin_button, "click", "")])
    assert said.text == "Deletes the Blue backpack $40.00 row (trash icon)."
    assert said.reading == "Delete" and said.source == "model"


@pytest.mark.parametrize("kind", ["checkbox", "radio", "switch"])
def test_boxes_are_not_read_from_their_pictures(files, kind):
    box = Candidate(1, Box(8, 8, 16, 16), kind, kind, "", "", State(checked=False), ("click",))
    understanding = open_understanding(f"embedded:{files}", view=View(), cache_dir=None, api_key=None)
    assert not understanding.looks_at(box)
    assert understanding.looks_at(replace(box, element_type="button", role="button", state=State()))
