"""Registering, the mail that confirms it, and the demo's own inbox."""

import re

from magenta_qa.scenarios.shop.pages.visit import Visit

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
MIN_PASSWORD = 8


def show_register(visit: Visit, problems: dict[str, str] | None = None) -> str:
    """The form for a new account; with what is wrong with it."""
    name, email = visit.form("name"), visit.form("email")
    return visit.render("register.html", name=name, email=email, problems=problems or {})


def register(visit: Visit) -> str:
    """Open an account and send the mail that confirms it."""
    name, email, password = visit.form("name"), visit.form("email").lower(), visit.form("password")
    problems = {
        "name": "" if name else "Please tell us your name.",
        "email": "" if _EMAIL.fullmatch(email) else "This is not an e-mail address.",
        "password": "" if len(password) >= MIN_PASSWORD else "At least 8 characters.",
        "repeat": "" if password == visit.form("repeat") else "The two passwords differ.",
    }
    if not problems["email"] and visit.store.is_registered(email):
        problems["email"] = "There is an account with this address already."
    if any(problems.values()):
        return show_register(visit, problems)
    token = visit.store.register(name[:60], email, password)
    body = f"Hello {name.split()[0]}, please confirm that {email} is your address."
    visit.store.send_mail(email, "Please confirm your address", body, f"/confirm/{token}", "Confirm my address")
    return visit.render("registered.html", email=email)


def confirm(visit: Visit, token: str) -> str:
    """The link in the mail was followed."""
    if not visit.store.confirm(token):
        visit.not_found("no such confirmation")
    return visit.render("confirmed.html")


def show_inbox(visit: Visit) -> str:
    """All mails that the shop has sent to this visitor."""
    return visit.render("inbox.html", mails=visit.store.mails())


def show_mail(visit: Visit, mail_id: int) -> str:
    """One mail."""
    return visit.render("mail.html", mail=visit.store.open_mail(mail_id) or visit.not_found(f"no mail {mail_id}"))
