"""Reads expectations about the page as a whole and about what the browser did: address, title, status, events.

"the URL ends with /cart"         -> UrlCheck("/cart", "ends with")
"a dialog asked "Delete Ada?""    -> EventCheck("dialog", "Delete Ada?")
"GET /api/cart returned 200"      -> StatusCheck(200, 200, "GET", "/api/cart")
"""

import re

from magenta_qa.agent.checks.kinds import (
    PAGE,
    Check,
    ErrorShownCheck,
    EventCheck,
    HealthCheck,
    HealthKind,
    LooksCheck,
    OnPageCheck,
    Op,
    QuietCheck,
    StateCheck,
    StatusCheck,
    Target,
    TitleCheck,
    UrlCheck,
)
from magenta_qa.agent.checks.phrases import Phrases
from magenta_qa.agent.checks.sentence import TOKEN

NEG = r"(?P<neg>(?:does|did|is|was|has) not (?:been )?)?"
_OPS: tuple[tuple[str, Op], ...] = (
    (r"(?:starts?|begins?) with", "starts with"),
    (r"(?:ends?) (?:with|in)", "ends with"),
    (r"(?:contains?|includes?|has|have|mentions?|shows?)", "contains"),
    (r"(?:is|equals?|reads?|says?|matches|is equal to|is exactly|points to|leads to)(?: exactly)?", "equals"),
)
_OP = "|".join(pattern for pattern, _ in _OPS)
_WHO = r"(?:I|we|you|they|the (?:user|customer|browser|visitor|tester|page))"
_JS = r"(?:javascript|js|console|browser|script)"
_EMPTY = r"(?:empty|blank|missing)"
_DIALOG = (
    r"(?:(?:confirm(?:ation)?|alert|prompt|javascript|native|browser) )?(?:dialog(?:ue)?(?: box)?|alert|"
    r"prompt|popup|pop-up)"
)


def page_rule(p: Phrases, text: str) -> Check | None:
    """Compile one clause about the page or the browser; None when it is about something else."""
    for rule in (_status, _quiet, _health, _looks, _url, _title, _on_page, _dialog, _download, _tab):
        check = rule(p, text)
        if check is not None:
            return check
    return None


def matches(pattern: str, text: str) -> re.Match[str] | None:
    """The whole text against a pattern, in any case."""
    return re.fullmatch(pattern, text, re.IGNORECASE)


def op_of(verb: str) -> Op:
    """The operation that a verb phrase stands for, "equals" when none is known."""
    return next((op for pattern, op in _OPS if re.fullmatch(pattern, verb.strip(), re.IGNORECASE)), "equals")


def _status(p: Phrases, text: str) -> Check | None:
    code = (
        r"(?:(?:an? |the )?(?:http )?(?:status(?: code)?|code|response)?(?: of)? ?)(?P<code>\d{3}|[2-5]xx)(?: "
        r"[A-Za-z ]+)?"
    )
    verb = (
        r"(?:answer(?:s|ed)?|respond(?:s|ed)?|return(?:s|ed)?|repl(?:y|ies|ied)|load(?:s|ed)?|gave|gives?|was "
        r"answered|is answered|got|gets?|fails?|failed|completes?|completed)"
    )
    target = (
        rf"(?:the |a )?(?:(?P<method>GET|POST|PUT|PATCH|DELETE|HEAD) )?(?:(?:request|call|response) "
        rf")?(?:(?:to|of|for|from) )?(?P<url>/\S*|https?://\S+|{TOKEN})"
    )
    own = r"(?:the )?(?:page|server|site|document|response|url|application|app)"
    patterns = (
        rf"{own} (?P<neg>does not |did not )?{verb}(?: (?:with|by))? {code}",
        rf"(?:the )?(?:http |response |page's )*(?:status(?: code)?|response code)(?: of {own})? (?:is|equals?) "
        rf"(?P<neg>not )?{code}",
        rf"{target} (?P<neg>does not |did not )?{verb}(?: (?:with|by))? {code}",
        rf"(?:the )?(?:status(?: code)?|response) (?:of|for|to) {target} (?:is|was|equals?) (?P<neg>not )?{code}",
    )
    for pattern in patterns:
        if match := matches(pattern, text):
            found = match.groupdict()
            family = found["code"].lower().endswith("xx")
            low = int(found["code"][0]) * 100 if family else int(found["code"])
            url, method = p.sentence.restore(found.get("url") or ""), (found.get("method") or "").upper()
            return StatusCheck(low, low + 99 if family else low, method, url, bool(found.get("neg")))
    return None


def _quiet(p: Phrases, text: str) -> Check | None:
    there = r"(?:there (?:is|was) )?(?:no|not any|zero|0|without(?: any)?)"
    happened = (
        r"(?: (?:is|was) (?:logged|reported|thrown|raised|seen|shown|recorded|printed|written))?(?: "
        r"(?:occurred|happened|occur|appears?|happen))?"
    )
    console = (
        rf"{there} {_JS}(?: console)? (?:errors?|exceptions?|messages of level error){happened}(?: (?:in|on|to) "
        rf"the (?:browser )?console)?",
        rf"{there} (?:errors?|exceptions?){happened} (?:in|on|to) the (?:browser |developer |javascript )?console",
        r"(?:the )?(?:browser |javascript )?console (?:has|shows?|contains?|logs?|logged|reports?) no (?:errors?|"
        r"exceptions?)(?: messages?)?",
        r"(?:the )?(?:browser |javascript )?console (?:is|was) (?:clean|free of errors|clear of errors|without errors)",
        r"(?:the )?(?:browser |javascript )?console does not (?:have|show|contain|log|report) (?:any )?(?:errors?|"
        r"exceptions?)",
        rf"{_JS} errors? (?:did|does) not (?:occur|happen|appear)",
    )
    if any(matches(pattern, text) for pattern in console):
        return QuietCheck("console")
    if matches(rf"{there} (?:uncaught |unhandled )?(?:page )?exceptions?{happened}", text):
        return QuietCheck("exception")
    request = (
        rf"{there} (?:failed|failing|broken) (?:network |http )?requests?{happened}",
        rf"{there} (?:network|http|server|request)(?: request)? (?:errors?|failures?){happened}",
        rf"{there} (?:network |http )?requests? (?:is |was |has )?(?:failed|fails?|failing)",
        r"(?:all|every) (?:the )?(?:network |http )?requests? (?:succeeded|succeeds?|was successful|is successful)",
    )
    if any(matches(pattern, text) for pattern in request):
        return QuietCheck("request")
    return _error_shown(text)


_HEALTH: tuple[tuple[HealthKind, str], ...] = (
    (
        "pictures",
        r"(?:there (?:is|are) )?no (?:broken|missing) (?:pictures?|images?)|no (?:picture|image) is (?:broken|missing)"
        r"|(?:all|every) (?:the )?(?:pictures?|images?) (?:is|are|was|has|have)(?: been)? loaded",
    ),
    (
        "loading",
        r"(?:the page|everything) (?:has |is )?(?:finished|done) loading|nothing is (?:still )?loading"
        r"|the page is not (?:still )?loading|(?:the page|everything) (?:has|is) (?:fully |completely )?loaded",
    ),
    ("overflow", r"(?:no text|nothing) (?:overflows|is cut off)|no text is cut off"),
    ("covered", r"no (?:control|button|field|link) is covered|nothing is covered"),
    ("numbers", r"(?:the|all) numbers(?: on the page)? (?:agree|add up|are consistent)(?: with each other)?"),
    (
        "accessibility",
        r"(?:the page |there )?(?:has|have|is|are|shows?) no accessibility (?:violation|problem|error)s?(?P<rule> .+)?"
        r"|no accessibility violations?(?P<rule2> .+)?",
    ),
)


def _health(p: Phrases, text: str) -> Check | None:
    """ "no picture is broken", "the numbers agree", "the page has no accessibility violation of "color-contrast""."""
    for kind, pattern in _HEALTH:
        if match := matches(pattern, text):
            groups = match.groupdict()
            said = (groups.get("rule") or groups.get("rule2") or "").strip().removeprefix("of ").strip()
            literal = p.literal(said) if said else None
            return None if said and literal is None else HealthCheck(kind, literal[0] if literal else "")
    return None


def _looks(p: Phrases, text: str) -> Check | None:
    """ "looks the same", "the order summary looks as before"."""
    then = r"as (?:before|in the baseline|its baseline)"
    same = rf"(?:the )?same(?: {then})?|{then}|unchanged"
    match = matches(rf"(?:(?P<where>.+?) )?(?:still )?looks? (?:{same})", text)
    if not match:
        return None
    where = (match["where"] or "").strip()
    place = PAGE if not where or where in ("it", "everything") else p.place(where)
    return LooksCheck(place) if place is not None else None


def _error_shown(text: str) -> Check | None:
    error = (
        r"(?:error|validation error|error message|validation message|form error|field error|error toast|error "
        r"banner|error notification|error alert)s?"
    )
    shown = (
        r"(?:is |was )?(?:shown|displayed|visible|present|there|seen|appears?|appear|appeared)(?: on the "
        r"(?:page|screen))?"
    )
    here = r"(?: on the (?:page|screen|form))?"
    if matches(r"(?:there (?:is|was) )?(?:no|not any) errors?(?: occurred| happened| at all| anywhere)?", text):
        return QuietCheck("error")
    negative = (
        rf"(?:there (?:is|was) )?(?:no|not any) {error}(?: {shown})?{here}",
        rf"(?:an? |any |the )?{error} (?:is|was|does|did) not (?:shown|displayed|visible|present|there|seen|appear|"
        rf"appeared){here}",
        rf"(?:an? |any |the |all |all the )?{error} (?:(?:is|was) (?:gone|hidden|removed|absent|cleared)|"
        rf"disappears?|disappeared|vanishe[sd]){here}",
        rf"(?:the )?(?:page|form|screen) (?:shows?|displays?|has|contains?) no {error}",
        rf"(?:the )?(?:page|form|screen) does not (?:show|display|have|contain) (?:any |an? )?{error}",
        rf"{_WHO} (?:sees?|gets?) no {error}|{_WHO} does not (?:see|get) (?:any |an? )?{error}",
    )
    if any(matches(pattern, text) for pattern in negative):
        return ErrorShownCheck(negated=True)
    positive = (
        rf"(?:there (?:is|was) )?(?:an?|some) {error}(?: {shown})?{here}",
        rf"(?:the )?(?:page|form|screen) (?:shows?|displays?|has|contains?) (?:an?|some) {error}",
        rf"{_WHO} (?:sees?|gets?|see) (?:an?|some) {error}",
    )
    return ErrorShownCheck() if any(matches(pattern, text) for pattern in positive) else None


def _address(p: Phrases, value: str) -> str | None:
    value = p.sentence.restore(value.strip())
    bare = value.removeprefix("the text ").removeprefix("text ")
    return bare if bare and not re.search(r"\s", bare) else None


def _url(p: Phrases, text: str) -> Check | None:
    what = (
        r"(?:the |this )?(?:current |page'?s? |browser'?s? |final |new )*(?:url|uri|address(?: bar)?|location|"
        r"path|web address)(?: path)?(?: of the page)?"
    )
    if match := matches(rf"{what} (?P<neg>does not |is not )?(?P<op>{_OP})? ?(?P<v>\S+|the text {TOKEN})", text):
        # "is not" without a further verb is an equality
        value = _address(p, match["v"])
        return UrlCheck(value, op_of(match["op"] or "is"), bool(match["neg"])) if value else None
    if match := matches(rf"{what} is (?P<neg>not )(?P<v>\S+)", text):
        value = _address(p, match["v"])
        return UrlCheck(value, "equals", negated=True) if value else None
    moved = (
        r"(?:is|was|land(?:s|ed)?|ends? up|arrives?|arrived|gets?)(?P<neg> not)?(?: (?:taken|redirected|sent|"
        r"brought|navigated|forwarded|back|still|moved|led))*"
    )
    if match := matches(
        rf"(?:{_WHO}) {moved} (?:at|on|to|in) (?:the (?:url|path|address) )?(?P<v>/\S*|https?://\S+|{TOKEN})", text
    ):
        value = _address(p, match["v"])
        if value and re.match(r"/|https?://", value):
            return UrlCheck(value, "equals", bool(match["neg"]))
    return None


def _title(p: Phrases, text: str) -> Check | None:
    what = (
        r"(?:the )?(?:(?:page|tab|window|document|browser|browser tab)(?:'s)? )?title(?: of the (?:page|tab|"
        r"window|document))?"
    )
    if (empty := _empty_title(what, text)) is not None or matches(rf"(?:the )?title is (?:not )?{_EMPTY}", text):
        return empty  # "the title" alone may be a field
    match = matches(rf"{what} (?P<neg>does not |is not )?(?P<op>{_OP})? ?(?P<v>.+)", text)
    match = match or matches(r"the (?:page|document|tab) is (?P<neg>not )?(?P<op>titled|called) (?P<v>.+)", text)
    match = match or matches(r"the (?:page|document|tab) (?P<neg>does not have |has )(?P<op>)the title (?P<v>.+)", text)
    if not match or (literal := p.literal(match["v"])) is None:
        return None
    op = "equals" if (match["op"] or "") in {"titled", "called"} else op_of(match["op"] or "is")
    return TitleCheck(literal[0], op, literal[1], " not" in f" {match['neg'] or ''}")


def _empty_title(what: str, text: str) -> Check | None:
    """ "the page has no title", "the page title is not empty"."""
    page = r"(?:the )?(?:page|document|tab|window)"
    none = rf"{page} (?:has no|shows no|is without a|does not have (?:a|any)) title|there is no (?:page|document) title"
    if matches(none, text):
        return TitleCheck("")
    if matches(rf"{page} has an? title", text):
        return TitleCheck("", negated=True)
    match = matches(rf"{what} is (?P<neg>not )?{_EMPTY}", text)
    whose = match and matches(r".*\b(?:page|tab|window|document)\b.*", text)
    return TitleCheck("", negated=bool(match["neg"])) if match and whose else None


def _on_page(p: Phrases, text: str) -> Check | None:
    moved = (
        r"(?:is|was|land(?:s|ed)?|ends? up|arrives?|arrived|see|sees)(?P<neg> not)?(?: (?:taken|redirected|"
        r"sent|brought|navigated|forwarded|back|still|shown|moved|led))*"
    )
    page = r"(?P<name>.+?) (?:page|screen|view)"
    patterns = (
        rf"{_WHO} {moved} (?:(?:at|on|to|in) )?(?:the )?{page}",
        rf"(?:the )?{page} (?:is|was)(?P<neg> not)? (?:open|opened|shown|displayed|visible|loaded|active|there)",
        rf"(?:the )?{page} (?:opens|appears|loads|opened|appeared|loaded)(?P<neg>x)?",
    )
    for pattern in patterns:
        if match := matches(pattern, text):
            name = p.target(match["name"])
            vague = (
                name is None
                or name.role
                or re.search(r"\b(?:right|same|next|previous|correct|new|other|web|error)\b", name.name, re.I)
            )
            return None if vague or name is None else OnPageCheck(name.name, bool(match["neg"]))
    return None


def _event_text(p: Phrases, text: str | None) -> str | None:
    """The quoted or plain text of an event; "" when none is asked for, None when it cannot be read."""
    if not text or not text.strip():
        return ""
    literal = p.literal(text)
    return literal[0] if literal else None


def _dialog(p: Phrases, text: str) -> Check | None:
    happened = (
        r"(?:asked|appeared|opened|popped up|was shown|was displayed|came up|was opened|said|showed up|was "
        r"seen|asks|pops up|comes up)"
    )
    if matches(
        rf"(?:(?:there was )?no {_DIALOG}(?: (?:was )?(?:shown|appeared|opened|displayed|seen|popped up|asked))?|"
        rf"an? {_DIALOG} (?:did|was) not (?:appear|shown|open|opened))",
        text,
    ):
        return EventCheck("dialog", negated=True)
    if matches(
        rf"(?:there is )?no {_DIALOG}(?: (?:is|should be))?(?: (?:any ?more|still|left))? (?:open|visible|there)", text
    ):
        return StateCheck(Target("", "dialog"), "visible", True)
    match = matches(
        rf"(?:an?|the) {_DIALOG} {happened}(?: (?:for|with|saying|that says|which said|asking)(?: the)?(?: (?:text|"
        rf"message|question))?)?(?: if| whether)?(?P<t> .+)?",
        text,
    ) or matches(
        rf"there was an? {_DIALOG}(?: (?:with|saying|asking|that said|that asked)(?: the)?(?: (?:text|message|"
        rf"question))?(?P<t> .+))?",
        text,
    )
    match = match or matches(
        rf"an? {_DIALOG} (?:with|saying|asking|that says)(?: the)?(?: (?:text|message|question))?(?P<t> "
        rf"{TOKEN})(?: {happened})?",
        text,
    )
    match = match or matches(rf"{_WHO} was (?:asked|prompted)(?: with)?(?P<t> {TOKEN})", text)
    if not match or (said := _event_text(p, match["t"])) is None:
        return None
    return EventCheck("dialog", said)


def _download(p: Phrases, text: str) -> Check | None:
    did = r"(?:was|is|gets?|got)(?P<neg> not)? (?:downloaded|saved to disk)"
    if matches(
        r"(?:nothing|no files?) (?:was|is|gets?|got) downloaded|there was no downloads?|no downloads? (?:started|"
        r"happened|was started|was seen)",
        text,
    ):
        return EventCheck("download", negated=True)
    kinds = r"(?P<kind>pdf|csv|zip|xlsx|xls|json|xml|txt|png|jpg|docx|html)"
    if match := matches(rf"(?:an?|the) {kinds}(?: file| document)? {did}", text):
        return EventCheck("download", f".{match['kind'].lower()}", "ends with", bool(match["neg"]))
    if match := matches(rf"(?:a|the|some) (?:file|download|document) {did}", text):
        return EventCheck("download", negated=bool(match["neg"]))
    began = r"(?:has )?(?:started|begun)|starts|happened|begins|began|was started|was triggered"
    if matches(rf"(?:a|the) download (?:{began})", text):
        return EventCheck("download")
    name = rf"(?P<v>{TOKEN}|[^\s,]+\.\w{{2,5}})"
    patterns = (
        rf"(?:(?:an?|the) (?:file|document|download) )?(?:called |named )?{name} {did}",
        rf"(?:an?|the) (?:file|document) (?:called|named|with the name) {name} {did}",
        rf"(?:an?|the) download (?:of|named|called) {name} (?:started|starts|happened|was seen|began)(?P<neg>x)?",
        rf"the (?:downloaded file|download|downloaded file's name|name of the downloaded file) is(?: called| "
        rf"named)?(?P<neg> not)? {name}",
        rf"{_WHO} (?:downloads?|downloaded|gets?|got) (?:the file |a file called |a file named ){name}(?P<neg>x)?",
    )
    for pattern in patterns:
        if match := matches(pattern, text):
            return EventCheck("download", p.sentence.restore(match["v"]), "equals", bool(match["neg"]))
    return None


def _tab(p: Phrases, text: str) -> Check | None:
    thing = r"(?:new |second |another |separate )?(?:browser )?(?:tab|window)"
    opened = r"(?:opened|opens|was opened|is opened|appeared|appears|is open)"
    if matches(
        rf"(?:there is )?no new (?:browser )?(?:tab|window)(?: {opened})?|a new (?:tab|window) (?:was|did|is) not "
        rf"(?:opened|open)",
        text,
    ):
        return EventCheck("tab", negated=True)
    where = r"(?:(?:with|at|on|showing|to)(?: the (?:url|address|page))?(?: (?:containing|of))? )"
    if match := matches(rf"an?(?:other)? {thing} {opened}(?: {where}(?P<v>/\S*|https?://\S+|{TOKEN}))?", text):
        return EventCheck("tab", p.sentence.restore(match["v"] or ""), "contains")
    if match := matches(rf"(?P<v>/\S*|https?://\S+|{TOKEN}) (?:{opened}) in an?(?:other)? {thing}", text):
        return EventCheck("tab", p.sentence.restore(match["v"]), "contains")
    return None
