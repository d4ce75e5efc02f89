"""The figures of descriptions: the reference implementation's on a few rows, and what they must do in the corners."""

import pytest

from magenta_qa.finetune.bootstrap import interval, paired_interval
from magenta_qa.finetune.metrics import bleu_4, score_sentences, words

# Expected numbers: pycocoevalcap 1.2 (Cider, Rouge, Bleu(4)), fed with the joined `words` of these sentences.
FOUND = [
    "Removes the Blue backpack from the cart.",
    "Opens the user's menu",
    "Types into the e-mail field of the Sign in form.",
    "Opens the cart",
    "Deletes row 3 of the the the table",
    "",
]
WANTED = [
    "Removes the blue backpack from the shopping cart.",
    "Opens the account menu of the user.",
    "Fills in the e-mail address of the sign-in form.",
    "Goes to the checkout.",
    "Deletes the third row of the table.",
    "Closes the dialog.",
]
CIDER_D = [7.60736702, 1.81190558, 4.8335972, 0.0, 2.30890699, 0.0]
ROUGE_L = [0.92224622, 0.51988636, 0.72727273, 0.27853881, 0.67477876, 0.0]
BLEU_4 = 0.35378617583449723


def test_figures_are_those_of_the_reference_implementation():
    scores = score_sentences(FOUND, WANTED)
    assert [score.cider_d for score in scores] == pytest.approx(CIDER_D, abs=1e-7)
    assert [score.rouge_l for score in scores] == pytest.approx(ROUGE_L, abs=1e-7)
    assert bleu_4([score.bleu for score in scores]) == pytest.approx(BLEU_4, abs=1e-8)


def test_equal_sentences_score_full_marks():
    scores = score_sentences(WANTED, WANTED)
    assert all(score.cider_d == pytest.approx(10) for score in scores if score.bleu.length > 3)
    assert [score.rouge_l for score in scores] == pytest.approx([1.0] * len(WANTED))
    assert bleu_4([score.bleu for score in scores]) == pytest.approx(1.0)


def test_words_ignore_case_and_punctuation_and_keep_apostrophes_and_other_scripts():
    assert words("Opens Ada’s “Æther-menu” (3 new)!") == ["opens", "ada's", "æther", "menu", "3", "new"]


def test_interval_holds_the_mean_and_narrows_with_more_pages():
    few = interval([0.0, 1.0] * 5, [str(n) for n in range(10)])
    many = interval([0.0, 1.0] * 500, [str(n) for n in range(1000)])
    assert few.low <= few.value == 0.5 <= few.high and many.low <= 0.5 <= many.high
    assert many.high - many.low < (few.high - few.low) / 5
    # Normal approximation for 1,000 coin tosses: 0.5 ± 1.96 · 0.5 / √1000.
    assert many.high - many.low == pytest.approx(2 * 1.96 * 0.5 / 1000**0.5, rel=0.15)


def test_rows_of_one_page_do_not_make_a_figure_surer():
    values = [0.0, 1.0] * 5
    alone = interval(values, [str(n) for n in range(10)])
    repeated = interval([v for v in values for _ in range(50)], [str(n) for n in range(10) for _ in range(50)])
    assert repeated.high - repeated.low == pytest.approx(alone.high - alone.low, rel=0.1)


def test_paired_interval_sees_a_small_steady_gain_that_separate_intervals_do_not():
    pages = [str(n) for n in range(40)]
    before = [n / 40 for n in range(40)]
    after = [value + 0.02 for value in before]
    gain = paired_interval(before, after, pages)
    assert gain.low == pytest.approx(0.02) and gain.high == pytest.approx(0.02)
    assert interval(after, pages).low < interval(before, pages).high


def test_no_rows_give_no_figure():
    with pytest.raises(ValueError, match="no rows"):
        interval([], [])
