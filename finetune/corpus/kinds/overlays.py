"""What opens on top of a page: questions, forms, menus, notices. The page below is one of another kind."""

from collections.abc import Callable
from random import Random

from magenta_qa.finetune.corpus.page import Group, Node, Page, Text, area, button, check, select, text_field
from magenta_qa.finetune.corpus.popups import menu_of
from magenta_qa.finetune.corpus.vocabulary import World


def dialog_over(kinds: dict[str, Callable[[Random, World], Page]]) -> Callable[[Random, World], Page]:
    """A kind that is a dialog over a page of one of `kinds`."""

    def dialog(r: Random, w: World) -> Page:
        page = kinds[r.choice(sorted(kinds))](r, w)
        page.kind = "dialog"
        page.dialog = r.choice([_confirm, _share, _rename, _cookies, _upload, _delete_all])(r, w)
        return page

    return dialog


def menu_over(kinds: dict[str, Callable[[Random, World], Page]]) -> Callable[[Random, World], Page]:
    """A kind that has a menu open above a page of one of `kinds`."""

    def menu(r: Random, w: World) -> Page:
        page = kinds[r.choice(sorted(kinds))](r, w)
        page.kind = "menu"
        page.body = [_menu(r, w), *page.body]
        return page

    return menu


def _thing(r: Random, w: World) -> tuple[str, str]:
    name = r.choice([w.subject(), w.files(1)[0], w.product().name, w.person().name])
    return name, f'[{name}|"{name}"]'


def _close(r: Random, what: str) -> Node:
    return button(f"[Closes|Dismisses] {what}", "×", "close", name="Close", show="icon", look="ghost")


def _confirm(r: Random, w: World) -> Group:
    name, thing = _thing(r, w)
    yes = button(
        f"[Deletes {thing}[ for good|]|Confirms that {thing} is to be deleted]",
        r.choice(["Delete", "Yes, delete", "Remove", "OK"]),
        "trash" if r.random() < 0.3 else "",
        look="danger",
    )
    no = button(
        f"[Keeps {thing}|Cancels the deletion[ of {thing}|]|Closes the question without deleting {thing}]",
        r.choice(["Cancel", "Keep", "No", "Not now"]),
    )
    buttons: list[Node] = [no, yes]
    r.shuffle(buttons)
    return Group(
        "dialog",
        [Text(f"This will remove {name}. It cannot be undone."), Group("row", buttons), _close(r, "the question")],
        title=f"Delete {name}?",
    )


def _share(r: Random, w: World) -> Group:
    name = r.choice([w.subject(), w.files(1)[0]])
    thing = f'[{name}|"{name}"]'
    rows: list[Node] = []
    for n, who in enumerate(w.people(r.randrange(1, 4))):
        right = select(
            f"rights of {who.name}", "", ("Can view", "Can edit", "Owner"), "Can edit", name="Rights", row=who.name
        )
        rows.append(
            Group(
                "item",
                [
                    Text(who.name),
                    Group("grow"),
                    right,
                    button(
                        f"[Stops sharing {thing} with {who.name}|Takes the access of {who.name} away]",
                        "Remove",
                        "close",
                        row=who.name,
                        show="icon",
                        look="ghost",
                        does="remove",
                    ),
                ],
                id=f"rows{n}",
            )
        )
    add: list[Node] = [
        text_field(f"person to share {name} with", "Add people", w.person().email),
        button(f"[Invites the person|Shares {thing} with the person]", "Invite", "send", look="primary"),
    ]
    copy = button(f"[Copies the link to {thing}|Copies a link to share]", "Copy link", "link")
    open_to_all = check(
        "access for everybody with the link",
        "Anyone with the link",
        r.random() < 0.5,
        f"[Opens {thing} to|Shares {thing} with] everybody who has the link",
        f"Restricts {thing} to invited people",
    )
    return Group(
        "dialog",
        [
            Group("row", add),
            Group("list", rows),
            open_to_all,
            Group("row", [copy, button("[Closes the dialog|Ends the sharing dialog]", "Done", look="primary")]),
            _close(r, "the sharing dialog"),
        ],
        title=f"Share {name}",
    )


def _rename(r: Random, w: World) -> Group:
    name, thing = _thing(r, w)
    new = text_field(f"new name of {name}", r.choice(["Name", "New name"]), w.subject(), filled=name)
    kinds = ("Private", "Team", "Public")
    more: list[Node] = (
        [
            select(f"visibility of {name}", "Visibility", kinds, "Team"),
            area(f"description of {name}", "Description", w.sentence(6)),
        ]
        if r.random() < 0.5
        else []
    )
    buttons: list[Node] = [
        button(
            f"[Saves|Applies] the [new name|changes][ of {thing}|]",
            r.choice(["Save", "Rename", "Apply"]),
            look="primary",
        ),
        button(f"[Closes the dialog|Leaves {thing} as it is]", "Cancel"),
    ]
    return Group("dialog", [new, *more, Group("row", buttons), _close(r, "the dialog")], title=f"Rename {name}")


def _cookies(r: Random, w: World) -> Group:
    parts: list[Node] = [
        check(
            f"{each.lower()} cookies",
            each,
            each == "Necessary",
            f"[Allows|Accepts] {each.lower()} cookies",
            f"[Refuses|Rejects] {each.lower()} cookies",
        )
        for each in w.some("Statistics|Marketing|Preferences|Social media", 3)
    ]
    buttons: list[Node] = [
        button("[Accepts|Allows] all cookies", "Accept all", look="primary"),
        button(
            "[Rejects|Refuses] all cookies[ that are not needed|]",
            r.choice(["Reject all", "Only necessary", "Decline"]),
        ),
        button("[Saves|Stores] the choice of cookies".replace("Stores", "Confirms"), "Save selection"),
    ]
    return Group(
        "dialog",
        [Text("We use cookies to make this site better."), *parts, Group("row", buttons)],
        title=r.choice(["Cookies", "Your privacy", "We value your privacy"]),
    )


def _upload(r: Random, w: World) -> Group:
    rows: list[Node] = []
    for n, name in enumerate(w.files(r.randrange(1, 4))):
        rows.append(
            Group(
                "item",
                [
                    Text(name),
                    Group("grow"),
                    Text(f"{r.randrange(5, 100)} %", "muted"),
                    button(
                        f"[Stops|Cancels] the upload of {name}",
                        "Cancel upload",
                        "close",
                        row=name,
                        show="icon",
                        look="ghost",
                        does="remove",
                    ),
                ],
                id=f"rows{n}",
            )
        )
    pick = button(
        "[Chooses|Selects] files from the computer", r.choice(["Browse", "Choose files", "Select files"]), "folder"
    )
    target = select("folder for the files", "Folder", ("Inbox", "Shared", "Archive"), "Shared")
    buttons: list[Node] = [
        button("[Uploads|Sends] the chosen files", "Upload", "upload", look="primary"),
        button("[Closes the dialog|Cancels] without uploading", "Cancel"),
    ]
    return Group(
        "dialog",
        [pick, Group("list", rows), target, Group("row", buttons), _close(r, "the upload dialog")],
        title="Upload files",
    )


def _delete_all(r: Random, w: World) -> Group:
    word = "DELETE"
    typed = text_field("word that confirms the deletion", f"Type {word} to confirm", word)
    buttons: list[Node] = [
        button(
            "[Deletes the account and all of its data|Confirms the deletion of the account]",
            "Delete everything",
            look="danger",
        ),
        button("[Keeps the account|Goes back without deleting anything]", "Go back"),
    ]
    export = button("[Downloads all data|Saves a copy of all data] before the deletion", "Export first", "download")
    return Group(
        "dialog",
        [Text("All of your data will be lost."), typed, Group("row", [*buttons, export]), _close(r, "the question")],
        title="Delete your account?",
    )


def _menu(r: Random, w: World) -> Group:
    name, thing = _thing(r, w)
    made = menu_of(thing, name, r)
    made.children.insert(0, Text(name, "muted"))
    return made
