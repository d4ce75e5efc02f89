"""Planning: boards, calendars, task lists, issues."""

from random import Random

from magenta_qa.finetune.corpus.kinds.parts import action, title_bar
from magenta_qa.finetune.corpus.page import (
    Group,
    Node,
    Page,
    Picture,
    Role,
    Text,
    area,
    button,
    check,
    link,
    select,
    tab,
    text_field,
)
from magenta_qa.finetune.corpus.things import Person
from magenta_qa.finetune.corpus.vocabulary import World

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"


def board(r: Random, w: World) -> Page:
    """Cards in lanes."""
    lanes: list[Node] = []
    names = w.some("Backlog|To do|In progress|Review|Blocked|Done|Ideas|Testing|Next week", r.randrange(3, 5))
    tasks = iter(w.tasks(14))
    extra = r.sample(["Edit", "Delete", "Copy", "Archive", "More", "Star"], r.randrange(1, 4))
    for name in names:
        cards: list[Node] = []
        for _ in range(r.randrange(1, 4)):
            task = next(tasks, "")
            if not task:
                break
            thing = f'[the card "{task}"|the task "{task}"|"{task}"]'
            move: list[Node] = (
                [
                    button(
                        f"Moves {thing} to the [next|following] [lane|column]",
                        "Move on",
                        "arrow-right",
                        row=task,
                        show="icon",
                        look="ghost",
                    )
                ]
                if r.random() < 0.4
                else []
            )
            tools: list[Node] = [
                action(each, thing, task, "[from the board|]", show="icon", look="ghost") for each in extra
            ]
            open_it = link(f"[Opens|Shows] [{thing}|the details of {thing}]", task, "/card")
            cards.append(
                Group(
                    "card",
                    [
                        open_it,
                        Group(
                            "between", [Picture("avatar", w.person().name, 22, 22), Group("toolbar", [*tools, *move])]
                        ),
                    ],
                    id=f"row{task}",
                )
            )
        add = button(
            f"[Adds a card to|Creates a task in] [{name}|the {name} lane|the column {name}]",
            r.choice(["+ Add card", "Add a card", "New"]),
            "plus",
            row=name,
            name="Add card",
            show=r.choice(["icon", "both", "text"]),
        )
        menu = button(
            f"[Opens the menu of|Shows options for] the [{name}|{name} lane]",
            "Lane menu",
            "more",
            row=name,
            show="icon",
            look="ghost",
        )
        lanes.append(Group("lane", [Group("between", [Text(name, "strong"), menu]), *cards, add]))
    people: list[Node] = [
        button(f"[Shows only the cards of|Filters the cards by] {who.initials}", who.initials, "", look="ghost")
        for who in w.people(3)
    ]
    bar: list[Node] = [
        button("[Filters|Narrows down] the cards", "Filter", "filter"),
        button("[Adds|Creates] a new [lane|column]", "Add lane", "columns"),
        button("[Invites|Adds] people to the board", "Invite", "users"),
        button("[Switches to the table view|Shows the cards as a table]", "Table", "table", show="icon"),
        button("[Opens|Shows] the board's menu", "Board menu", "menu", show="icon"),
    ]
    body: list[Node] = [title_bar(w.subject(), *people, *r.sample(bar, 3)), Group("board", lanes)]
    return Page("board", "Board", "/board/4", body, current="Projects")


def calendar(r: Random, w: World) -> Page:
    """A month or week of appointments."""
    month, year, days = w.pick(_MONTHS), r.randrange(2024, 2028), r.randrange(28, 32)
    cells: list[Node] = [Text(day[:3], "muted") for day in _DAYS]
    busy = {r.randrange(1, days): subject for subject in w.subjects(5)}
    role: Role = r.choice(["cell", "button"])
    for day in range(1, days + 1):
        says = f"[Opens|Selects|Goes to|Shows] {month} {day}[, {year}|]"
        cell = button(says, str(day), name=f"{month} {day}", look="ghost", on=day == 12, does="pick")
        cell.role = role
        cells.append(
            Group(
                "column",
                [
                    cell,
                    link(
                        f"[Opens|Shows] [the appointment {busy[day]}|{busy[day]}|the event {busy[day]} on {month} {day}]",
                        busy[day],
                        f"/e/{day}",
                    ),
                ],
            )
            if day in busy
            else cell
        )
    views: list[Node] = [
        tab(f"[Switches to|Shows] the {each.lower()} view[ of the calendar|]", each, n == 0, does="pick")
        for n, each in enumerate(r.sample(["Month", "Week", "Day", "Agenda", "Year"], 3))
    ]
    step = "month"
    bar: list[Node] = [
        button(f"[Goes back|Turns] to the previous {step}", "‹", "chevron-left", name="Previous", show="icon"),
        button(f"[Goes on|Turns] to the next {step}", "›", "chevron-right", name="Next", show="icon"),
        button("[Jumps to today's date|Goes back to today|Shows the current day]", "Today", ""),
        Text(f"{month} {year}", "heading"),
        Group("grow"),
        *views,
        button(
            "[Adds|Creates] a new [appointment|event]",
            r.choice(["New event", "Add event", "Create"]),
            "plus",
            look="primary",
        ),
    ]
    calendars: list[Node] = [
        check(
            f"the calendar {each}", each, r.random() < 0.6, f"Shows the {each} calendar", f"Hides the {each} calendar"
        )
        for each in w.labels(4)
    ]
    more: list[Node] = [
        button("[Prints|Opens the print view of] the calendar", "Print", "print", show="icon"),
        button("[Shares|Gives others access to] the calendar", "Share", "share", show="icon"),
        button("[Opens|Shows] the calendar's settings", "Settings", "settings", show="icon"),
    ]
    grid = Group("week", cells)
    body: list[Node] = [
        Group("bar", bar),
        Group("split", [Group("aside", [*calendars, Group("toolbar", more)]), Group("main", [grid])])
        if r.random() < 0.6
        else grid,
    ]
    return Page("calendar", "Calendar", "/calendar", body, current="Calendar")


def task_list(r: Random, w: World) -> Page:
    """Things to tick off."""
    rows: list[Node] = []
    tools = r.sample(["Edit", "Delete", "Flag", "Star", "Pin", "Copy", "More"], r.randrange(1, 4))
    show = r.choice(["icon", "icon", "text"])
    for n, task in enumerate(w.tasks(r.randrange(4, 10))):
        thing = f'["{task}"|the task "{task}"]'
        on = r.random() < 0.3
        tick = check(
            f"the task {task}",
            task if r.random() < 0.6 else "",
            on,
            f"[Marks {thing} as done|Ticks off {thing}|Completes {thing}]",
            f"[Marks {thing} as not done|Reopens {thing}]",
            name=task,
        )
        parts: list[Node] = [tick, *([] if tick.label else [Text(task)]), Group("grow"), Text(w.day(), "muted")]
        if r.random() < 0.3:
            parts.append(
                button(
                    f"[Drags|Moves] {thing} to another place in the list",
                    "Move",
                    "drag",
                    row=task,
                    show="icon",
                    look="ghost",
                )
            )
        parts += [action(each, thing, task, "[from the list|]", show=show, look="ghost") for each in tools]
        rows.append(Group("item", parts, id=f"row{n}"))
    field = text_field(
        "new task",
        r.choice(["New task", "", "Add a task"]),
        w.tasks(1)[0],
        "[Takes the text of a new task|Enters a new task|Names the task to add]",
        name="New task",
        placeholder="What needs to be done?",
    )
    add = button("[Adds|Creates] the [new |]task", "Add", "plus", look="primary", does="say:Added")
    filters: list[Node] = [
        tab(f"[Shows|Lists] {what}", label, n == 0, does="pick")
        for n, (label, what) in enumerate(
            [
                ("All", "all tasks"),
                ("Active", "only the tasks that are not done"),
                ("Completed", "only the tasks that are done"),
            ]
        )
    ]
    clear = button("[Removes|Deletes] all [finished|completed] tasks", "Clear completed", "trash")
    body: list[Node] = [
        Text(w.pick("Tasks|My day|To-do list|Today"), "heading"),
        Group("bar", [field, add]),
        Group("tabs", filters),
        Group("list", rows),
        Group("between", [Text(f"{len(rows)} items"), clear]),
    ]
    return Page("task list", "Tasks", "/tasks", body, current="Tasks")


def issue(r: Random, w: World) -> Page:
    """One issue of a project with its fields and comments."""
    number, task = w.number(), w.tasks(1)[0]
    people = w.people(4)
    names = tuple(each.name for each in people)
    it = f"[the issue|issue {number}]"
    side: list[Node] = [
        select(f"person who works on issue {number}", "Assignee", names, names[1]),
        select(f"status of issue {number}", "Status", ("Open", "In progress", "In review", "Closed"), "In review"),
        select(f"priority of issue {number}", "Priority", ("Low", "Medium", "High", "Critical"), "High"),
        text_field(
            f"day by which issue {number} is due", "Due date", w.iso_day(), input_type=r.choice(["date", "text"])
        ),
        text_field(f"hours estimated for issue {number}", "Estimate", str(r.randrange(1, 40)), input_type="number"),
    ]
    labels: list[Node] = []
    for each in w.labels(3):
        labels.append(
            Group(
                "row",
                [
                    Text(each, "badge"),
                    button(
                        f"[Removes|Takes] the label {each}[ from the issue|]".replace("Takes", "Drops"),
                        "×",
                        "close",
                        name="Remove label",
                        row=each,
                        show="icon",
                        look="ghost",
                        does="remove",
                    ),
                ],
                id=f"row{each}",
            )
        )
    bar = _issue_bar(it)
    comments = _issue_comments(r, w, people)
    subtasks: list[Node] = [
        check(
            f"the step {each}",
            each,
            r.random() < 0.4,
            f'[Marks|Ticks off] the step "{each}"[ as done|]'.replace("Ticks off", "Marks").replace(
                "[ as done|]", " as done"
            ),
            f'Marks the step "{each}" as not done',
        )
        for each in w.tasks(3)
    ]
    write: list[Node] = [
        area(f"comment on issue {number}", "Comment", w.message()),
        button("[Posts|Adds|Publishes] the comment", r.choice(["Comment", "Add comment", "Send"]), "", look="primary"),
    ]
    body: list[Node] = [
        Group("between", [Text(f"#{number} {task}", "heading"), Group("toolbar", r.sample(bar, 5))]),
        Group(
            "split",
            [
                Group("main", [Text(w.sentence(24)), *subtasks, *comments, *write]),
                Group("aside", [*side, *labels, button("[Adds|Attaches] a label[ to the issue|]", "Add label", "tag")]),
            ],
        ),
    ]
    return Page("issue", f"#{number} {task}", f"/issues/{number}", body, current="Projects")


def _issue_bar(it: str) -> list[Node]:
    """What can be done with an issue."""
    return [
        button(f"[Edits|Changes] [the title and text of |]{it}", "Edit", "edit"),
        button(f"[Closes|Finishes] {it}", "Close issue", "check", look="primary"),
        button(
            f"[Watches|Follows] {it}",
            "Watch",
            "eye",
            show="icon",
            does="toggle",
            undo=f"[Stops watching|Unfollows] {it}",
        ),
        button(f"[Copies the link to|Gets a link to] {it}", "Copy link", "link", show="icon"),
        button(f"[Deletes|Removes] {it}", "Delete", "trash", show="icon"),
        button(f"[Opens|Shows] more actions for {it}", "More", "more", show="icon"),
        button(f"[Attaches a file to|Adds an attachment to] {it}", "Attach", "attach", show="icon"),
    ]


def _issue_comments(r: Random, w: World, people: list[Person]) -> list[Node]:
    """Comments, each with its buttons."""
    comments: list[Node] = []
    for n, who in enumerate(people[: r.randrange(1, 4)]):
        thing = f"{who.name}'s comment"
        tools: list[Node] = [
            action("Edit", thing, thing, show="icon", look="ghost"),
            action("Delete", thing, thing, show="icon", look="ghost"),
            button(f"[Replies to|Answers] {thing}", "Reply", "reply", row=thing, show="icon", look="ghost"),
            button(f"[Reacts to|Adds a reaction to] {thing}", "React", "emoji", row=thing, show="icon", look="ghost"),
        ]
        comments.append(
            Group(
                "card",
                [
                    Group(
                        "between",
                        [
                            Group(
                                "row", [Picture("avatar", who.name), Text(who.name, "strong"), Text(w.day(), "muted")]
                            ),
                            Group("toolbar", r.sample(tools, 2)),
                        ],
                    ),
                    Text(w.message()),
                ],
                id=f"row{n}",
            )
        )
    return comments
