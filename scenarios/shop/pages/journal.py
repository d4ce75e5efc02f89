"""The journal: a page that goes on while one scrolls, a story with its recording, and an editor for a new one."""

from typing import Any

from bs4 import BeautifulSoup

from magenta_qa.scenarios.shop.pages.visit import Visit
from magenta_qa.scenarios.shop.records.club import Player, Story

ALLOWED_TAGS = frozenset({"p", "br", "b", "strong", "i", "em", "ul", "li"})
RECORDING_SECONDS = 185
MIN_LETTERS = 20


def show_journal(visit: Visit) -> str:
    """The latest stories; `journal_fragment` brings the others."""
    return visit.render("journal.html", stories=visit.store.stories(), kept=len(visit.store.kept_stories()))


def journal_fragment(visit: Visit, before: int) -> str:
    """The next few stories as a piece of HTML; empty after the last."""
    return visit.render("stories.html", stories=visit.store.stories(before))


def show_kept(visit: Visit) -> str:
    """The stories that the visitor has bookmarked."""
    return visit.render("kept.html", stories=visit.store.kept_stories())


def show_story(visit: Visit, story_id: int) -> str:
    """One story."""
    return visit.render(
        "story.html", story=_story(visit, story_id), player=visit.store.player(), total=RECORDING_SECONDS
    )


def _story(visit: Visit, story_id: int) -> Story:
    return visit.store.story(story_id) or visit.not_found(f"no story {story_id}")


def cheer(visit: Visit, story_id: int) -> dict[str, Any]:
    """Somebody liked a story."""
    cheers = visit.store.cheer(story_id)
    return {"cheers": cheers if cheers is not None else visit.not_found(f"no story {story_id}")}


def toggle_bookmark(visit: Visit, story_id: int) -> dict[str, Any]:
    """Keep a story for later, or let it go."""
    _story(visit, story_id)
    return {"kept": visit.store.toggle_bookmark(story_id), "count": len(visit.store.kept_stories())}


def show_editor(visit: Visit, problem: str = "", body: str = "") -> str:
    """Where a story is written."""
    visit.require_user()
    title, place = visit.form("title"), visit.form("place")
    return visit.render("story_editor.html", title=title, place=place, body=body, problem=problem)


def publish(visit: Visit) -> str:
    """Put a story into the journal."""
    user, title, place = visit.require_user(), visit.form("title")[:80], visit.form("place")[:40]
    body = sanitised(visit.form("body")[:20_000])
    letters = len(BeautifulSoup(body, "html.parser").get_text().strip())
    if not title or not place or letters < MIN_LETTERS:
        return show_editor(visit, "A story needs a title, a place and at least one sentence.", body)
    visit.redirect(f"/journal/{visit.store.publish(user, title, place, body)}")


def sanitised(html: str) -> str:
    """`html` with nothing but harmless tags, and none of their attributes."""
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(True):
        tag.attrs = {}
        if tag.name in ("script", "style"):
            tag.decompose()
        elif tag.name == "div":
            tag.name = "p"
        elif tag.name not in ALLOWED_TAGS:
            tag.unwrap()
    return str(soup).strip()


def set_player(visit: Visit) -> dict[str, Any]:
    """A control of the player was used: 0 play or pause, 1 back, 2 on, 3 mute."""
    player = visit.store.player()
    control = visit.number("control")
    second = player.second + {1: -15, 2: 15}.get(control, 0)
    player = Player(
        playing=player.playing ^ (control == 0),
        muted=player.muted ^ (control == 3),
        second=max(0, min(second, RECORDING_SECONDS)),
    )
    visit.store.set_player(player)
    return {"playing": bool(player.playing), "muted": bool(player.muted), "second": player.second}
