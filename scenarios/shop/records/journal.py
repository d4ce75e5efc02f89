"""The journal: stories from the trail, cheered at and bookmarked, and the recording beside each."""

from magenta_qa.scenarios.shop.records.club import Player, Story
from magenta_qa.scenarios.shop.records.database import TODAY, Database
from magenta_qa.scenarios.shop.records.goods import User

STORIES_AT_ONCE = 8
_STORY = """SELECT s.*, EXISTS (SELECT 1 FROM bookmarks b WHERE b.story_id = s.id AND b.owner = ?) AS kept
            FROM stories s"""


class Journal(Database):
    """Stories, the latest first."""

    def stories(self, before: int | None = None) -> list[Story]:
        """The next few stories before the one with the id `before`; the latest ones without it."""
        sql = f"{_STORY} WHERE s.id < ? ORDER BY s.id DESC LIMIT {STORIES_AT_ONCE}"
        return [Story(**row) for row in self._all(sql, self._owner, 1_000_000 if before is None else before)]

    def story(self, story_id: int) -> Story | None:
        """The story with this id."""
        row = self._one(f"{_STORY} WHERE s.id = ?", self._owner, story_id)
        return Story(**row) if row else None

    def kept_stories(self) -> list[Story]:
        """The stories that the visitor has bookmarked."""
        rows = self._all(f"{_STORY} WHERE kept ORDER BY s.id DESC", self._owner)
        return [Story(**row) for row in rows]

    def cheer(self, story_id: int) -> int | None:
        """One more cheer; the new number, or None when there is no such story."""
        self._write("UPDATE stories SET cheers = cheers + 1 WHERE id = ?", story_id)
        row = self._one("SELECT cheers FROM stories WHERE id = ?", story_id)
        return row["cheers"] if row else None

    def toggle_bookmark(self, story_id: int) -> bool:
        """Keep a story or let it go; whether it is kept now."""
        if self._write("DELETE FROM bookmarks WHERE owner = ? AND story_id = ?", self._owner, story_id):
            return False
        self._write("INSERT INTO bookmarks VALUES (?, ?)", self._owner, story_id)
        return True

    def publish(self, user: User, title: str, place: str, body: str) -> int:
        """Add a story; its id."""
        values = (title, user.name, place, TODAY.isoformat(), body, "teal")
        columns = "title, author, place, written_on, body, tint, cheers"
        return self._insert(f"INSERT INTO stories ({columns}) VALUES (?, ?, ?, ?, ?, ?, 0)", *values)

    def player(self) -> Player:
        """How the recording stands."""
        row = self._one("SELECT playing, muted, second FROM player")
        return Player(**row) if row else Player(0, 0, 0)

    def set_player(self, player: Player) -> None:
        """Remember how the recording stands."""
        values = (player.playing, player.muted, player.second)
        self._write("UPDATE player SET playing = ?, muted = ?, second = ?", *values)
