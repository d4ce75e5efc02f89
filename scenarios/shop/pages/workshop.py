"""Repairs: a form with a day, a picture and a note, and the list of what is being mended."""

import bottle

from magenta_qa.scenarios.shop.pages.visit import Visit
from magenta_qa.scenarios.shop.records.club import DAYTIMES, long_day
from magenta_qa.scenarios.shop.records.database import TODAY

MAX_PICTURE_BYTES = 2_000_000
PICTURES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def show_repairs(visit: Visit) -> str:
    """All repairs of the customer; with a word of thanks when one was just booked."""
    repairs = visit.store.repairs(visit.require_user())
    booked = next((repair for repair in repairs if repair.number == visit.query("booked")), None)
    return visit.render("repairs.html", repairs=repairs, booked=booked)


def show_repair_form(visit: Visit, problems: dict[str, str] | None = None) -> str:
    """The form; with what was sent and what is wrong with it, when it cannot be booked."""
    articles = visit.store.articles(visit.require_user())
    sent = {name: visit.form(name) for name in ("article", "day", "daytime", "note")}
    return visit.render(
        "repair_form.html", articles=articles, daytimes=DAYTIMES, today=TODAY, sent=sent, problems=problems or {}
    )


def book_repair(visit: Visit) -> str:
    """Book a pick-up and confirm it by mail."""
    user = visit.require_user()
    photo, picture = visit.file("photo")
    article, day, daytime, note = (visit.form(name) for name in ("article", "day", "daytime", "note"))
    problems = {
        "article": "" if article in visit.store.articles(user) else "Please choose what is to be mended.",
        "day": _problem_of_day(day),
        "daytime": "" if daytime in DAYTIMES else "Please choose a time of day.",
        "photo": _problem_of_picture(photo, picture),
        "note": "" if len(note) >= 10 else "Please tell us in a sentence what is broken.",
    }
    if any(problems.values()):
        return show_repair_form(visit, problems)
    number = visit.store.book_repair(user, article, day, daytime, photo, picture, note[:1000])
    body = f"We fetch your {article} on {long_day(day)}, in the {daytime.lower()}."
    visit.store.send_mail(user.email, f"Repair {number} is booked", body, "/repairs", "All repairs")
    visit.redirect(f"/repairs?booked={number}")


def _problem_of_day(day: str) -> str:
    """We come on working days from tomorrow on."""
    try:
        wanted = TODAY.fromisoformat(day)
    except ValueError:
        return "Please choose a pick-up day."
    return "" if wanted > TODAY and wanted.weekday() < 6 else "We cannot come on that day."


def _problem_of_picture(name: str, picture: bytes) -> str:
    if not name:
        return "Please add a photo of the damage."
    if not any(picture.startswith(start) for start in PICTURES):
        return f"{name} is no PNG or JPEG picture."
    return "" if len(picture) <= MAX_PICTURE_BYTES else f"{name} is larger than 2 MB."


def repair_picture(visit: Visit, number: str) -> bottle.HTTPResponse:
    """The picture of the damage, as it was sent."""
    picture = visit.store.repair_picture(visit.require_user(), number)
    if picture is None:
        visit.not_found(f"no repair {number}")
    kind = next((kind for start, kind in PICTURES.items() if picture.startswith(start)), "application/octet-stream")
    return bottle.HTTPResponse(picture, **{"Content-Type": kind})
