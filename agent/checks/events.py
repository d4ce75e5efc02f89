"""Judges the address, and what the browser reported: dialogs, downloads, tabs, console, requests, responses.

judge_event(EventCheck("download", "invoice.pdf", "equals"), events, "")  -> Judgement(True, …)
"""

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from magenta_qa.agent.checks.compare import contains, squeeze
from magenta_qa.agent.checks.kinds import EventCheck, QuietCheck, StatusCheck, UrlCheck
from magenta_qa.agent.checks.scene import Judgement
from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.trace import Event

_ABORTED = "ERR_ABORTED"  # the page itself gave the request up, such as by navigating away


def judge_url(check: UrlCheck, url: str, secrets: Secrets) -> Judgement:
    """The address of the page, compared with a path or a whole URL."""
    expected, actual = secrets.resolve(check.value), _comparable(check, url)
    if check.op == "equals":
        holds = _normal(actual) == _normal(expected)
    elif check.op == "contains":
        holds = _has_part(unquote(url), expected) or _has_part(url, expected)
    elif check.op == "starts with":
        holds = actual.startswith(expected)
    else:
        holds = url.endswith(expected) and _cut_before(url, expected)
    return Judgement(holds != check.negated, f"the URL is {url}", str(check), url)


def _comparable(check: UrlCheck, url: str) -> str:
    """As much of the URL as the expectation states: path, with query or fragment only where these are named."""
    parts = urlsplit(url)
    value = check.value
    if re.match(r"[a-z][a-z0-9+.\-]*:", value):
        base = f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else url
    elif value.startswith(("/", "#", "?")):
        base = "" if value[0] == "#" else parts.path if value[0] == "/" else ""
    else:
        base = f"{parts.netloc}{parts.path}"
    base += f"?{parts.query}" if parts.query and "?" in value else ""
    return base + (
        f"#{parts.fragment}" if parts.fragment and ("#" in value or re.match(r"[!/]", parts.fragment)) else ""
    )


def _normal(url: str) -> str:
    return unquote(url).rstrip("/") or "/"


def _has_part(url: str, part: str) -> bool:
    before = r"(?<![A-Za-z0-9])" if part[:1].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if part[-1:].isalnum() else ""
    return re.search(before + re.escape(part) + after, url) is not None


def _cut_before(url: str, ending: str) -> bool:
    """ "ends with 12" does not hold for /orders/112."""
    before = url[: len(url) - len(ending)]
    return not (ending[:1].isalnum() and before[-1:].isalnum())


def judge_event(check: EventCheck, events: Sequence[Event], shown_dialog: str, secrets: Secrets) -> Judgement:
    """A dialog, download or tab that happened.

    Args:
        check: What is to have happened.
        events: What the browser reported.
        shown_dialog: Text of dialogs that the page itself shows now; they count as dialogs.
        secrets: For the values of placeholders.
    """
    texts = [
        re.sub(r"^(?:alert|confirm|prompt|beforeunload): ", "", e.text)
        if e.kind == "dialog"
        else e.url or e.text
        if e.kind == "tab"
        else e.text
        for e in events
        if e.kind == check.kind
    ]
    if check.kind == "dialog" and shown_dialog:
        texts.append(shown_dialog)
    expected = secrets.mask(secrets.resolve(check.text))
    hits = [text for text in texts if _event_fits(check, text, expected)]
    seen = "; ".join(squeeze(t)[:100] for t in texts[-5:]) or f"no {check.kind}"
    holds = bool(hits) != check.negated
    reason = f"{check.kind} seen: {seen}" if texts else f"no {check.kind} was seen"
    return Judgement(holds, reason, str(check), seen)


def _event_fits(check: EventCheck, text: str, expected: str) -> bool:
    if not expected:
        return True
    if check.kind == "tab":
        return _has_part(text, expected)
    if check.op == "equals":
        return squeeze(text) == squeeze(expected)
    if check.op == "ends with":
        return text.lower().endswith(expected.lower())
    return contains(text, expected, ignore_case=True)


def judge_quiet(check: QuietCheck, events: Sequence[Event]) -> Judgement:
    """No console errors, exceptions or failed requests were reported."""
    bad = [e for e in events if _is_bad(check, e)]
    listed = "; ".join(f"{e.text} {e.url if e.kind in {'request', 'response'} else ''}".strip()[:150] for e in bad[:3])
    what = {"console": "console errors", "request": "failed requests", "exception": "uncaught exceptions"}.get(
        check.kind, "errors"
    )
    reason = f"{len(bad)} {what}: {listed}" if bad else f"no {what}"
    return Judgement(not bad, reason, str(check), listed or "none")


def _is_bad(check: QuietCheck, event: Event) -> bool:
    everything = check.kind == "error"
    if event.kind == "exception":
        return check.kind in {"console", "exception"} or everything
    if event.kind == "crash":
        return True
    if event.kind == "console":
        is_favicon = urlsplit(event.url).path.endswith("/favicon.ico")
        return (check.kind == "console" or everything) and event.text.startswith("error: ") and not is_favicon
    if event.kind == "request":
        return (check.kind == "request" or everything) and _ABORTED not in event.text
    if event.kind == "response":
        return (
            (check.kind == "request" or everything)
            and (event.status or 0) >= 400
            and not urlsplit(event.url).path.endswith("/favicon.ico")
        )
    return False


def judge_status(check: StatusCheck, events: Sequence[Event], url: str, secrets: Secrets) -> Judgement:
    """The status of the last response that fits."""
    responses = [e for e in events if e.kind == "response" and _is_asked_for(check, e, url, secrets)]
    if not check.url:  # what was fetched from the same address later is not the document
        arrivals = [e.seq for e in events if e.kind == "navigation" and e.url == secrets.mask(url)[:500]]
        responses = [e for e in responses if arrivals and e.seq < arrivals[-1]]
    if not responses:
        what = f"{check.method} {check.url}".strip() if check.url else f"the document {secrets.mask(url)}"
        return Judgement(None, f"no response to {what} was seen", str(check), "no response")
    last = responses[-1]
    status = last.status or 0
    holds = (check.low <= status <= check.high) != check.negated
    return Judgement(holds, f"{last.text.split(' ')[0]} {last.url} answered {status}", str(check), str(status))


def _is_asked_for(check: StatusCheck, event: Event, url: str, secrets: Secrets) -> bool:
    method = event.text.partition(" ")[0]
    if check.method and method != check.method:
        return False
    if not check.url:
        return event.url == secrets.mask(url).partition("#")[0][:500]
    wanted = secrets.mask(secrets.resolve(check.url))
    parts = urlsplit(event.url)
    if not wanted.startswith("/"):
        return event.url == wanted or event.url.partition("?")[0] == wanted
    path = parts.path + (f"?{parts.query}" if "?" in wanted else "")
    return _normal(path) == _normal(wanted)
