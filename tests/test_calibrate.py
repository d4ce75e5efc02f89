"""From which share on an answer of the deciding model counts."""

import pytest

pytest.importorskip("datasets")
for _package in ("onnx", "onnxruntime", "tokenizers"):
    pytest.importorskip(_package)

from embedded_files import write_tiny  # noqa: E402
from test_absent import decision  # noqa: E402

from magenta_qa.finetune.embedded.calibrate import Weighing, fit, weigh_all, write_calibration  # noqa: E402
from magenta_qa.model.embedded.files import Calibration, read_files  # noqa: E402
from magenta_qa.model.embedded.replies import Head  # noqa: E402

NONE, ONE, TWO = Head("none"), Head("act", 1), Head("act", 2)


def said(right, best, log):
    others = {head: -log for head in (NONE, ONE, TWO) if head != best}
    return Weighing({best: 0.0, **others}, right)


def test_threshold_leaves_out_what_is_as_often_wrong():
    sure = [said(ONE, ONE, 6.0)] * 200 + [said(NONE, NONE, 6.0)] * 40
    unsure = [said(ONE, ONE, 1.5)] * 20 + [said(NONE, TWO, 1.5)] * 5
    calibration, points = fit([*sure, *unsure])
    first, chosen = points[0], next(point for point in points if point.threshold == calibration.threshold)
    assert first.wrong > 0.05 and chosen.wrong <= 0.01 and chosen.acted == pytest.approx(200 / 220)
    assert calibration.temperature < 1.5


def test_few_questions_prove_nothing():
    calibration, _ = fit([said(ONE, ONE, 6.0)] * 50 + [said(NONE, NONE, 6.0)] * 10)
    assert calibration.threshold == 1.0


def test_a_model_that_is_wrong_whenever_it_is_sure_never_counts():
    calibration, _ = fit([said(NONE, TWO, 6.0)] * 9 + [said(ONE, ONE, 1.0)] * 9)
    assert calibration.threshold == 1.0 and calibration.temperature > 2


def test_it_is_written_beside_the_weights(tmp_path):
    folder = write_tiny(tmp_path / "model")
    weighed = weigh_all(folder, [decision(), decision(step="Open the staff", mark=3)])
    assert [each.right for each in weighed] == [ONE, Head("act", 3)] and set(weighed[0].logs) >= {NONE, ONE, TWO}
    write_calibration(folder, Calibration(temperature=2.0, threshold=0.8))
    assert read_files(folder).manifest.calibration == Calibration(temperature=2.0, threshold=0.8)
