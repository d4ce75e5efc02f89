"""How close descriptions come to their references: CIDEr-D, BLEU-4, ROUGE-L. No Java.

    scores = score_sentences(["Opens the cart."], ["Opens the shopping cart."])
    scores[0].rouge_l  -> 0.8472…
    bleu_4(scores)     -> the corpus's BLEU-4, 0…1

As the reference implementation does it (Microsoft COCO's caption evaluation, PyPI pycocoevalcap 1.2): the same figures
for the same tokens. Its tokenizer is a Java program; ours is `words`, and every published figure says so. BLEU comes
from sacrebleu, longest common subsequences from rapidfuzz. CIDEr-D is written out here: the kept library that has it
fixes the versions of torch and transformers, and the reference implementation brings 100 MB of Java along.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import LCSseq
from sacrebleu.metrics.bleu import BLEU

TOKENIZER = "lower-case words and numbers, punctuation dropped"
"""What stands beside every figure."""
NGRAMS = 4
CIDER_SIGMA = 6.0
ROUGE_BETA = 1.2
"""Recall counts a little more than precision, as in COCO's evaluation."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

Gram = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BleuCounts:
    """What BLEU is made of; counts of several sentences can be added up."""

    matches: tuple[int, ...]
    """Matching n-grams for n = 1…4."""
    totals: tuple[int, ...]
    """N-grams of the description for n = 1…4."""
    length: int
    reference_length: int


@dataclass(frozen=True, slots=True)
class SentenceScore:
    """One description against its reference."""

    cider_d: float
    """0…10; what counts as rare is learnt from all references of the same call."""
    rouge_l: float
    """0…1."""
    bleu: BleuCounts


def words(sentence: str) -> list[str]:
    """The tokens that are compared."""
    return [word.replace("’", "'") for word in _WORD.findall(sentence.casefold())]


def score_sentences(descriptions: Sequence[str], references: Sequence[str]) -> list[SentenceScore]:
    """One score for each pair.

    Args:
        descriptions: What a model wrote; empty where it gave no usable answer.
        references: What is right, as many.
    """
    found, wanted = [words(text) for text in descriptions], [words(text) for text in references]
    ciders = cider_d(found, wanted)
    pairs = zip(found, wanted, ciders, strict=True)
    return [SentenceScore(cider, rouge_l(mine, theirs), bleu_counts(mine, theirs)) for mine, theirs, cider in pairs]


def rouge_l(found: Sequence[str], wanted: Sequence[str]) -> float:
    """F-measure (β = 1.2) of the longest common subsequence, 0…1.

    Source: Lin (2004), ROUGE, https://aclanthology.org/W04-1013; β as in COCO's evaluation.
    """
    common = LCSseq.similarity(found, wanted)
    if not common:
        return 0.0
    precision, recall = common / len(found), common / len(wanted)
    return (1 + ROUGE_BETA**2) * precision * recall / (recall + ROUGE_BETA**2 * precision)


def bleu_counts(found: Sequence[str], wanted: Sequence[str]) -> BleuCounts:
    """What one sentence adds to the corpus's BLEU."""
    score = _BLEU.corpus_score([" ".join(found)], [[" ".join(wanted)]])
    return BleuCounts(tuple(score.counts), tuple(score.totals), score.sys_len, score.ref_len)


_BLEU = BLEU(tokenize="none", smooth_method="none", force=True)


def bleu_4(counts: Sequence[BleuCounts]) -> float:
    """BLEU-4 of all sentences together, 0…1.

    Source: Papineni et al. (2002), https://aclanthology.org/P02-1040.
    """
    matches = [sum(c.matches[n] for c in counts) for n in range(NGRAMS)]
    totals = [sum(c.totals[n] for c in counts) for n in range(NGRAMS)]
    lengths = sum(c.length for c in counts), sum(c.reference_length for c in counts)
    return float(BLEU.compute_bleu(matches, totals, *lengths, smooth_method="none").score) / 100


def cider_d(found: Sequence[Sequence[str]], wanted: Sequence[Sequence[str]]) -> list[float]:
    """CIDEr-D of each pair, 0…10: how much of what tells this reference from the others was said.

    With a single pair it is 0: nothing is rare then.

    Source: Vedantam et al. (2015), CIDEr, https://arxiv.org/abs/1411.5726, section 4 and the supplement's CIDEr-D.
    """
    references = [_grams(tokens) for tokens in wanted]
    frequency = Counter(gram for grams in references for gram in grams)
    size = math.log(len(references)) if references else 0.0
    weigh = _Weights(frequency, size)
    pairs = zip((_grams(tokens) for tokens in found), references, strict=True)
    return [_similarity(weigh.vectors(mine), weigh.vectors(theirs)) for mine, theirs in pairs]


def _grams(tokens: Sequence[str]) -> Counter[Gram]:
    return Counter(tuple(tokens[i : i + n]) for n in range(1, NGRAMS + 1) for i in range(len(tokens) - n + 1))


@dataclass(frozen=True, slots=True)
class _Vectors:
    """Weighted n-grams of one sentence, for n = 1…4."""

    weights: tuple[dict[Gram, float], ...]
    norms: tuple[float, ...]
    length: int
    """Bigrams, as the reference implementation counts it; the penalty only looks at differences."""


class _Weights:
    """Term frequency times inverse document frequency."""

    def __init__(self, frequency: Counter[Gram], log_documents: float) -> None:
        self._frequency, self._log_documents = frequency, log_documents

    def vectors(self, grams: Counter[Gram]) -> _Vectors:
        weights: tuple[dict[Gram, float], ...] = tuple({} for _ in range(NGRAMS))
        for gram, count in grams.items():
            rarity = self._log_documents - math.log(max(1, self._frequency[gram]))
            weights[len(gram) - 1][gram] = count * rarity
        norms = tuple(math.sqrt(sum(weight**2 for weight in level.values())) for level in weights)
        return _Vectors(weights, norms, sum(count for gram, count in grams.items() if len(gram) == 2))


def _similarity(mine: _Vectors, theirs: _Vectors) -> float:
    """Mean over n of the clipped cosine, less for another length, times ten."""
    penalty = math.exp(-((mine.length - theirs.length) ** 2) / (2 * CIDER_SIGMA**2))
    total = 0.0
    for n in range(NGRAMS):
        common = mine.weights[n].keys() & theirs.weights[n].keys()
        product = sum(min(mine.weights[n][gram], theirs.weights[n][gram]) * theirs.weights[n][gram] for gram in common)
        norm = mine.norms[n] * theirs.norms[n]
        total += penalty * (product / norm if norm else product)
    return 10 * total / NGRAMS
