"""Folds the many ways to phrase an expectation into few: quotes, politeness, modals, contractions, adverbs.

    fold("Please verify that the cart should not show “Blue backpack” any more.")
        -> Sentence("the cart should not show \\ue000 any more", ("Blue backpack",))
    clause("the cart should not show \\ue000 any more")
        -> "the cart does not show \\ue000"

Quoted text is taken out first, so that nothing below changes a letter of it.
"""

import re
from dataclasses import dataclass

_FIRST_TOKEN = 0xE000  # quoted texts stand as single characters of the private use area
TOKEN = "[\ue000-\ue0ff]"
PLACEHOLDER = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_QUOTES = re.compile(
    r"“([^”“]*)[”“]|„([^“”]*)[“”]|«([^»]*)»|\"([^\"]*)\"|`([^`]*)`|‘([^’]*)’(?!\w)|(?<![\w'])'([^']+)'(?![\w'])"
)
_NAMED_BY_QUESTION = re.compile(
    r"(?<=\bof )((?-i:[A-Z])[^.!?]*\?)(?= (?:shows?|displays?|contains?|includes?|(?:does|should|must|is|has)\b))"
)
"""What something is called that asks a question, and so may have a verb in it: "the row of Is it open? shows Ada"."""
_ADVERB = r"(?:now|also|still|currently|already|finally|then|again|clearly|immediately|eventually|actually)"
_VERB = (
    r"(?:is|am|are|was|were|has|have|does|do|did|shows?|displays?|says?|reads?|contains?|includes?|lists?|holds?|"
    r"appears?|exists?|equals?|starts?|begins?|ends?|see|sees|comes?)"
)
_POLITE = re.compile(
    r"(?:please|kindly|(?:i|we) (?:expect|want|would like|require|verify|check|assert|confirm|trust)(?: to "
    r"see)?(?: that)?|"
    r"(?:please )?(?:verify|check|ensure|assert|confirm|expect|validate|make sure|be sure|see to it|note)(?: that|"
    r" whether)?|"
    r"it (?:should|must) be (?:true|the case) that|it is (?:true|expected|the case) that|the expectation is that|"
    r"expectation:|expect:|then|and|(?:also|now|finally|next|afterwards|so)(?=,)|as a result|it turns out that|"
    r"the (?:user|tester|customer) (?:should|must) (?:be able to )?see that|(?:i|we|you) (?:should )?see that)"
    r"(?=[\s,:])(?!\s+(?:is|are|was|were|has|should|must|does|button|link|field|checkbox|tab)\b)[\s,:]*",
    re.IGNORECASE,
)
_MODAL = r"(?:should|must|shall|will|would|ought to|has to|have to|needs? to|is expected to|are expected to)"
_CAN = r"can (?=(?:not )?(?:see|be|find)\b)"
_CONTRACTIONS: tuple[tuple[str, str], ...] = (
    (r"\bcannot\b", "can not"),
    (r"\bwon't\b", "will not"),
    (r"\bcan't\b", "can not"),
    (r"\bshan't\b", "shall not"),
    (r"(\w)n't\b", r"\1 not"),
    (r"\b([Ii]t|[Tt]here|[Tt]hat)'s\b", r"\1 is"),
    (r"\bI'm\b", "I am"),
    (r"\b([Ww]e|[Yy]ou|[Tt]hey)'re\b", r"\1 are"),
    (r"\b([Ee])-mail\b", r"\1mail"),
)
_VERBS: tuple[tuple[str, str], ...] = (
    (rf"\b(?:{_ADVERB} )?(?={_VERB}\b|{_MODAL}\b)", ""),
    (_CAN, "should "),
    (rf"\b{_MODAL} (?:{_ADVERB} )?not (?:{_ADVERB} )?have been\b", "was not"),
    (rf"\b{_MODAL} (?:{_ADVERB} )?have been\b", "was"),
    (rf"\b{_MODAL} (?:{_ADVERB} )?(?:not|never|no longer) (?:{_ADVERB} )?be\b", "is not"),
    (rf"\b{_MODAL} (?:{_ADVERB} )?be\b", "is"),
    (rf"\b{_MODAL} (?:{_ADVERB} )?(?:not|never|no longer) (?:{_ADVERB} )?", "does not "),
    (rf"\b{_MODAL} (?:{_ADVERB} )?", ""),
    (r"\b(?:has|have) (not )?been\b", r"was \1"),
    (r"\b(?:am|are)\b", "is"),
    (r"\bwere\b", "was"),
    (r"\b(?:do|did|does) not\b", "does not"),
    (r"\b(is|was) (?:no longer|never)\b", r"\1 not"),
    (r"\b(?:no longer|never) (?!be\b)", "does not "),
    (rf"\b({_VERB})(?: {_ADVERB})+ ", r"\1 "),
    (rf"\b(is not) {_ADVERB} ", r"\1 "),
    (r"\b(?:remains?|stays?|becomes?|became|looks|keeps being)\b", "is"),
)
_HEAD = re.compile(
    rf"(?:\b{_ADVERB} )?\b(?:{_MODAL}|can|{_VERB}|no longer|never|remains?|stays?|becomes?|became)\b"
    rf"(?: (?:not|never|no longer|be|been|have|{_ADVERB})\b)*(?: \w+| (?={TOKEN})|$)"
)
_TAIL = re.compile(
    r"\s+(?:any ?more|any longer|as well|too|at all|successfully|right now|at the moment)$", re.IGNORECASE
)
_COMPILED_VERBS = tuple((re.compile(pattern), to) for pattern, to in _VERBS)


@dataclass(frozen=True, slots=True)
class Sentence:
    """An expectation in few forms; each quoted text is one private-use character in `text`."""

    text: str
    quotes: tuple[str, ...]

    def restore(self, piece: str) -> str:
        """A piece of `text` with the quoted texts back in place (without their quotes)."""
        return re.sub(TOKEN, lambda m: self.quotes[ord(m[0]) - _FIRST_TOKEN], piece).strip()


def fold(expectation: str) -> Sentence:
    """The expectation without politeness, modals and contractions, quoted texts taken out."""
    quotes: list[str] = []

    def take(match: re.Match[str]) -> str:
        quotes.append(fold_space(next(g for g in match.groups() if g is not None)))
        return chr(_FIRST_TOKEN + len(quotes) - 1)

    text = re.sub(TOKEN, "", expectation)
    text = _QUOTES.sub(take, text) if text.count('"') < 400 else text
    text = _NAMED_BY_QUESTION.sub(take, text)
    text = fold_space(text.replace("’", "'").replace("‘", "'"))
    text = re.sub(r"[\s.!?;]+$", "", text)
    for pattern, to in _CONTRACTIONS:
        text = re.sub(pattern, to, text)
    return Sentence(_polite(text), tuple(quotes))


def clause(text: str) -> str:
    """One clause with its verb in plain present or past tense; what follows the verb is left alone.

    "the total should now be $42.00" → "the total is $42.00"
    """
    text = _TAIL.sub("", _polite(text))
    head = _HEAD.search(text)
    if not head:
        return text
    verb, rest = text[head.start() : head.end()], text[head.end() :]
    for pattern, to in _COMPILED_VERBS:
        verb = pattern.sub(to, verb, count=1)
    return fold_space(f"{text[: head.start()]}{verb}{rest}")


def _polite(text: str) -> str:
    """Without "please verify that" and its like."""
    while (match := _POLITE.match(text)) and match.end() < len(text):
        text = text[match.end() :]
    return text


def fold_space(text: str) -> str:
    """Whitespace runs as one space, ends trimmed."""
    return " ".join(text.split())
