"""Accounts and mails: who registers gets a letter, which lies in the demo's own inbox."""

import hashlib

from magenta_qa.scenarios.shop.records.club import Mail
from magenta_qa.scenarios.shop.records.database import TODAY, Database, hash_password

_MAIL = "SELECT id, sent_on, recipient, subject, body, link, link_text, is_read FROM mails"


class Post(Database):
    """All mails that the shop has sent to this visitor, whatever the address."""

    def mails(self) -> list[Mail]:
        """The inbox, the latest first."""
        return [Mail(**row) for row in self._all(f"{_MAIL} ORDER BY id DESC")]

    def unread(self) -> int:
        """How many mails have not been opened."""
        return len(self._all("SELECT 1 FROM mails WHERE NOT is_read"))

    def open_mail(self, mail_id: int) -> Mail | None:
        """A mail, which counts as read from now on; None when there is none."""
        self._write("UPDATE mails SET is_read = 1 WHERE id = ?", mail_id)
        row = self._one(f"{_MAIL} WHERE id = ?", mail_id)
        return Mail(**row) if row else None

    def send_mail(self, recipient: str, subject: str, body: str, link: str = "", link_text: str = "") -> None:
        """Put a mail into the inbox."""
        columns = "sent_on, recipient, subject, body, link, link_text"
        values = (TODAY.isoformat(), recipient, subject, body, link, link_text)
        self._write(f"INSERT INTO mails ({columns}) VALUES (?, ?, ?, ?, ?, ?)", *values)

    def is_registered(self, email: str) -> bool:
        """Whether there is an account of this address."""
        return self._one("SELECT 1 FROM users WHERE email = ?", email) is not None

    def register(self, name: str, email: str, password: str) -> str:
        """Open an account that waits for its confirmation; the token that confirms it."""
        token = hashlib.sha256(f"tarn {email}".encode()).hexdigest()[:20]
        columns = "email, name, password_hash, role, confirmed, token"
        values = (email, name, hash_password(password), "customer", 0, token)
        self._write(f"INSERT INTO users ({columns}) VALUES (?, ?, ?, ?, ?, ?)", *values)
        return token

    def confirm(self, token: str) -> bool:
        """Confirm the address behind a token; False when there is no such token."""
        return self._write("UPDATE users SET confirmed = 1 WHERE token = ?", token) == 1

    def awaits_confirmation(self, email: str) -> bool:
        """Whether this address is registered, but not confirmed yet."""
        return self._one("SELECT 1 FROM users WHERE email = ? AND NOT confirmed", email) is not None
