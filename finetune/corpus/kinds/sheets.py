"""Tables, pictures and texts in pieces: spreadsheets, drawings, translations."""

from random import Random

from magenta_qa.finetune.corpus.kinds.documents import format_bar
from magenta_qa.finetune.corpus.kinds.parts import (
    action,
    search_bar,
    title_bar,
)
from magenta_qa.finetune.corpus.page import (
    Control,
    Group,
    Node,
    Page,
    Picture,
    Text,
    button,
    check,
    select,
    tab,
    text_field,
)
from magenta_qa.finetune.corpus.vocabulary import World


def spreadsheet(r: Random, w: World) -> Page:
    """Cells to be filled."""
    columns = r.randrange(4, 7)
    letters = "ABCDEFGH"[:columns]
    head = w.some("Name|Region|Q1|Q2|Q3|Total|Owner|Status|Price|Units", columns)
    rows: list[Node] = []
    for n in range(1, r.randrange(6, 10)):
        cells: list[Node] = [Text(str(n), "muted")]
        for letter, title in zip(letters, head, strict=True):
            value = (
                title
                if n == 1
                else str(r.randrange(10, 9999))
                if title in ("Q1", "Q2", "Q3", "Total", "Price", "Units")
                else w.pick("North|South|Ada|Open|Sum|West|Kim|Done")
            )
            says = f"[Holds|Takes|Sets|Changes] the [value|content] of cell {letter}{n}"
            cells.append(
                text_field(
                    f"content of cell {letter}{n}",
                    "",
                    str(r.randrange(1, 5000)),
                    says,
                    name=f"cell {letter}{n}",
                    filled=value,
                )
            )
        rows.append(Group("tr", cells))
    heads: tuple[str | Control, ...] = (
        "",
        *[
            button(
                f"Selects [column {letter}|the whole column {letter}]", letter, look="ghost", name=f"column {letter}"
            )
            for letter in letters
        ],
    )
    cell = f"{r.choice(letters)}{r.randrange(2, 6)}"
    formula = text_field(
        f"formula of cell {cell}",
        "fx",
        "=SUM(C2:C6)",
        f"[Takes|Shows|Holds] the formula of the selected cell[ {cell}|]",
        name="Formula",
    )
    tools: list[Node] = [
        button(
            "[Adds up the selected cells|Inserts the sum of the selected cells]",
            "Sum",
            "",
        ),
        button("[Inserts a chart|Makes a chart of the selected cells]", "Chart", "chart", show="icon"),
        button("[Filters|Narrows down] the rows", "Filter", "filter", show="icon"),
        button("[Sorts|Orders] the rows", "Sort", "sort", show="icon"),
        button("[Merges|Joins] the selected cells", "Merge", "columns"),
        button("[Locks|Protects] the selected cells", "Lock", "lock", show="icon"),
        button("[Fills the cell with a colour|Changes the colour of the cell]", "Fill colour", "brush", show="icon"),
    ]
    sheets: list[Node] = [
        tab(f"[Opens|Shows|Switches to] the sheet {each}", each, n == 0, does="pick")
        for n, each in enumerate(["Sheet1", "Budget", "Notes"][: r.randrange(1, 4)])
    ]
    sheets.append(button("[Adds|Inserts] a [new |]sheet", "+", "plus", name="Add sheet", show="icon"))
    body: list[Node] = [
        Group(
            "bar",
            [
                Text(w.subject(), "strong"),
                Group("grow"),
                button("[Shares|Opens the sharing options of] the table", "Share", "share", look="primary"),
            ],
        ),
        Group("toolbar", [format_bar(r, 6), *r.sample(tools, 5)]),
        Group("bar", [Text(cell, "code"), formula]),
        Group("table", rows, columns=heads),
        Group("tabs", sheets),
    ]
    return Page("spreadsheet", "Sheet", "/sheets/3", body, shell="full")


def drawing(r: Random, w: World) -> Page:
    """A picture editor."""
    tools = _drawing_tools()
    layers = _drawing_layers(r, w)
    sliders: list[Node] = []
    for name in w.some("Brightness|Contrast|Saturation|Opacity|Sharpness|Temperature", 3):
        made = text_field(
            f"{name.lower()} of the picture",
            name,
            str(r.randrange(10, 90)),
            f"[Sets|Changes|Adjusts] the {name.lower()} of the picture",
        )
        sliders.append(Control("slider", made.meaning, name, value=str(r.randrange(10, 90))))
    colors: list[Node] = [
        button(f"[Chooses|Selects|Picks] {each.lower()} as the colour[ to paint with|]", each, name=each, does="pick")
        for each in w.some("Red|Blue|Green|Yellow|Black|White|Orange|Purple", 4)
    ]
    export = button("[Exports|Saves|Downloads] the picture", "Export", "download", look="primary")
    body: list[Node] = [
        Group(
            "bar",
            [
                Text(w.files(1)[0], "strong"),
                Group("grow"),
                button("[Shares|Opens the sharing options of] the picture", "Share", "share", show="icon"),
                export,
            ],
        ),
        Group(
            "split",
            [
                Group("column", r.sample(tools, r.randrange(5, 10))),
                Group("main", [Picture("photo", "", 620, 380)]),
                Group(
                    "aside",
                    [
                        *sliders,
                        Group("row", colors),
                        Group("list", layers),
                        button("[Adds|Creates] a new layer", "New layer", "plus"),
                    ],
                ),
            ],
        ),
    ]
    return Page("drawing", "Picture", "/draw/9", body, shell="full")


def _drawing_layers(r: Random, w: World) -> list[Node]:
    """The layers of a picture, each with its buttons."""
    layers: list[Node] = []
    for n, name in enumerate(w.some("Background|Sketch|Colour|Text|Shadow|Logo|Frame", r.randrange(2, 5))):
        layers.append(
            Group(
                "item",
                [
                    button(
                        f"[Hides|Makes invisible] the layer {name}".replace("Makes invisible", "Switches off"),
                        "Hide",
                        "eye",
                        row=name,
                        show="icon",
                        look="ghost",
                        does="toggle",
                        undo=f"Shows the layer {name}",
                    ),
                    Text(name),
                    Group("grow"),
                    action("Lock", f"the layer {name}", name, show="icon", look="ghost"),
                    action("Copy", f"the layer {name}", name, show="icon", look="ghost"),
                    action("Delete", f"the layer {name}", name, "", show="icon", look="ghost"),
                ],
                id=f"row{n}",
            )
        )
    return layers


def _drawing_tools() -> list[Node]:
    """The tools of a picture editor."""
    return [
        button("[Selects the crop tool|Crops the picture|Cuts the picture to size]", "Crop", "crop", show="icon"),
        button("[Rotates|Turns] the picture[ to the right|]", "Rotate", "rotate", show="icon"),
        button("[Chooses the brush|Selects the brush to paint with]", "Brush", "brush", show="icon"),
        button("[Measures a distance|Selects the ruler]", "Ruler", "pencil-ruler", show="icon"),
        button("[Zooms into|Enlarges] the picture", "Zoom in", "zoom-in", show="icon"),
        button("[Zooms out of|Reduces] the picture", "Zoom out", "zoom-out", show="icon"),
        button("[Shows|Opens] the layers", "Layers", "layers", show="icon"),
        button("[Undoes the last step|Takes the last change back]", "Undo", "undo", show="icon"),
        button("[Redoes the step that was undone|Repeats the undone change]", "Redo", "redo", show="icon"),
        button("[Cuts out the selected part|Cuts the selection]", "Cut", "cut", show="icon"),
    ]


def translations(r: Random, w: World) -> Page:
    """Texts and their translations."""
    language = w.pick("German|French|Spanish|Polish|Swedish|Italian")
    rows: list[Node] = []
    for n, text in enumerate(
        w.some(
            "Save changes|Delete account|Sign in|Forgot password?|Cart|Continue|Welcome back|No results|Send|Upload a file",
            r.randrange(3, 8),
        )
    ):
        row = f'"{text}"'
        field = text_field(
            f"{language} translation of {row}",
            "",
            w.pick("Speichern|Weiter|Envoyer|Cerrar|Accedi|Wyślij"),
            f"[Takes|Holds|Enters] the {language} translation of {row}",
            name="Translation",
            row=row,
        )
        tools: list[Node] = [
            button(
                f"[Suggests a translation of {row}|Translates {row} by machine]",
                "Suggest",
                "translate",
                row=row,
                show="icon",
            ),
            button(f"[Approves|Accepts|Confirms] the translation of {row}", "Approve", "check", row=row, show="icon"),
            button(
                f"[Copies the English text {row} into the translation|Takes the English text over for {row}]",
                "Copy source",
                "copy",
                row=row,
                show="icon",
            ),
            button(f"[Comments on|Adds a comment to] {row}", "Comment", "comment", row=row, show="icon"),
        ]
        rows.append(
            Group("tr", [Text(text), field, Group("toolbar", r.sample(tools, r.randrange(1, 4)))], id=f"row{n}")
        )
    chosen = select(
        "language to translate into",
        "Language",
        ("German", "French", "Spanish", "Polish", "Swedish", "Italian"),
        "Polish",
        chosen=language,
    )
    only = check(
        "only texts without a translation",
        "Only untranslated",
        False,
        "Shows only texts that are not translated yet",
        "Shows translated texts too",
    )
    publish = button("[Publishes|Releases] the translations", "Publish", "upload", look="primary")
    body: list[Node] = [
        title_bar("Translations", chosen, publish),
        Group("bar", [*search_bar(r, "texts", "Save"), only]),
        Group("table", rows, columns=("English", language, "")),
    ]
    return Page("translations", "Translations", "/i18n", body, current="Projects")
