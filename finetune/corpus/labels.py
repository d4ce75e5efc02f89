"""Other words for the labels that pages are written with: one site says "Delete", another "Remove", "Erase" or "Discard".

    relabel(nodes, Random("site 17"))

The same word is used everywhere on a site. What a control does stays as it is, only its label and what a tester calls it
change, and only where both are the plain label.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from random import Random

from magenta_qa.finetune.corpus.page import Control, Group, Node

_OTHERS = """
Delete: Delete, Delete, Remove, Erase, Trash, Discard
Remove: Remove, Remove, Delete, Take out, Clear
Edit: Edit, Edit, Modify, Change, Update, Revise, Amend
Copy: Copy, Duplicate, Clone, Make a copy
View: View, Details, Open, Show, Inspect, See more
Download: Download, Get file, Save file, Save as
Share: Share, Send to…, Share with…
Archive: Archive, Move to archive, Put away
Star: Star, Add star, Mark important
Favourite: Favourite, Favorite, Like, Save, Add to favourites, Wish list
Bookmark: Bookmark, Save for later, Add bookmark
Flag: Flag, Report, Mark
Pin: Pin, Pin to top, Stick, Keep on top
More: More, More…, Options, Actions, More options, Other actions
Print: Print, Print…, Print view
Lock: Lock, Protect
Mail: Mail, Email, E-mail, Write, Send email, Contact
Call: Call, Phone, Ring
History: History, Versions, Revisions, Changes, Log
Link: Link, Copy link, Get link, Permalink
Restart: Restart, Reboot, Run again
Save: Save, Save, Store, Save now
Cancel: Cancel, Cancel, Abort, Never mind
Search: Search, Search, Find, Look up, Go
Filter: Filter, Filters, Refine, Narrow
Export: Export, Export…, Download CSV, Save as file
Upload: Upload, Upload files, Add files, Import
Invite: Invite, Invite people, Add people, Add members
Reply: Reply, Answer, Respond, Write back
Forward: Forward, Pass on, Send on
Comment: Comment, Discuss, Comments, Add a comment
Refresh: Refresh, Reload, Update, Sync
Settings: Settings, Preferences, Options, Configuration, Setup
Help: Help, Support, Docs, Guide, ?
Notifications: Notifications, Alerts, Updates, What's new
Account: Account, Profile, My account, Me
Sign out: Sign out, Log out, Logout, Exit
Cart: Cart, Basket, Bag, My cart
Theme: Theme, Appearance, Dark mode, Light / dark
Language: Language, English, EN, Translate
Menu: Menu, Navigation, All pages
New: New, Create, Add, + New
Today: Today, Now, Jump to today
Follow: Follow, Subscribe, Stay informed
Watch: Watch, Follow, Track, Observe
Publish: Publish, Release, Go live
Attach: Attach, Attachment, Add file
Emoji: Emoji, Smileys, Insert emoji
Undo: Undo, Revert
Skip: Skip, Not now, Skip this step
Compare: Compare, Add to comparison, Compare products
Directions: Directions, Route, Get there, Navigate
Measure: Measure, Ruler, Distance
Layers: Layers, Map type, Overlays
Full screen: Full screen, Fullscreen, Maximise, Expand
Mute: Mute, Silence, Sound off
Play: Play, Listen, Start
Pause: Pause, Hold
Next: Next, Forward, Continue
Previous: Previous, Back, Earlier
Zoom in: Zoom in, Enlarge, Closer
Zoom out: Zoom out, Shrink, Farther
Sort: Sort, Sort by, Order
Group: Group, Group by
Hide: Hide, Conceal
Details: Details, More info, Read more, Learn more
Preview: Preview, Quick view, Peek
Similar: Similar, More like this, Related
Dismiss: Dismiss, Close, Hide, Clear
Close: Close, Dismiss
Assign: Assign, Take, Claim
Approve: Approve, Accept, Confirm, OK
Suggest: Suggest, Propose, Auto-translate
Start: Start, Launch, Boot
Stop: Stop, Shut down, Halt
Console: Console, Terminal, Shell, SSH
Logs: Logs, Log, Output, Journal
Backup: Backup, Snapshot, Back up
Configure: Configure, Set up, Settings, Customise
Orders: Orders, Sales, Purchases
Products: Products, Catalogue, Articles, Items
Customers: Customers, Clients, Contacts, Accounts
Messages: Messages, Inbox, Mail
Reports: Reports, Statistics, Analytics, Insights
Files: Files, Documents, Drive
Projects: Projects, Workspaces, Boards
Tasks: Tasks, To-dos, My work
Team: Team, People, Members, Staff
Shop: Shop, Store, Buy
Bookings: Bookings, Reservations
Deals: Deals, Offers, Sale
Inventory: Inventory, Stock, Warehouse
Home: Home, Start, Overview
"""
LABELS: dict[str, tuple[str, ...]] = {
    line.partition(":")[0]: tuple(word.strip() for word in line.partition(":")[2].split(","))
    for line in _OTHERS.strip().splitlines()
}


def relabel(nodes: Sequence[Node], r: Random) -> None:
    """Give controls with a plain label this site's word for it.

    Args:
        nodes: Of one page; their controls are changed.
        r: Source of chance, the same for all pages of a site.
    """
    chosen = {label: r.choice(others) for label, others in sorted(LABELS.items())}
    plain = [control for control in controls_of(nodes) if control.label and control.meaning.name == control.label]
    taken = {control.meaning.name for control in controls_of(nodes)}
    for label in sorted({control.label for control in plain} & chosen.keys()):
        # Two names must not become one.
        if chosen[label] in taken:
            continue
        taken.add(chosen[label])
        for control in plain:
            if control.label == label:
                control.meaning = replace(control.meaning, name=chosen[label])
                control.label = chosen[label]


def controls_of(nodes: Iterable[Node]) -> Iterator[Control]:
    """All controls below some nodes."""
    for node in nodes:
        if isinstance(node, Control):
            yield node
            if node.popup:
                yield from controls_of([node.popup])
        elif isinstance(node, Group):
            yield from (column for column in node.columns if isinstance(column, Control))
            yield from controls_of(node.children)
