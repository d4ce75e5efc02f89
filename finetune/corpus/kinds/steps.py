"""Being led through something: wizards, surveys."""

from random import Random

from magenta_qa.finetune.corpus.kinds.parts import (
    save_cancel,
)
from magenta_qa.finetune.corpus.page import (
    Control,
    Group,
    Node,
    Page,
    Text,
    area,
    button,
    check,
    link,
    select,
    text_field,
)
from magenta_qa.finetune.corpus.vocabulary import World


def wizard(r: Random, w: World) -> Page:
    """One step of several."""
    topics = w.some("Account|Company|Address|Plan|Payment|Team|Import|Domain|Preferences|Review", r.randrange(3, 6))
    at = r.randrange(len(topics))
    steps: list[Node] = [
        link(f"[Goes|Jumps] to the step {each}", f"{n + 1}. {each}", f"?step={n}", on=n == at, name=each, does="pick")
        for n, each in enumerate(topics)
    ]
    who, company = w.person(), w.fake.company()
    pool: list[Node] = [
        text_field("name of the company", "Company name", company),
        text_field("number of employees", "Employees", str(r.randrange(2, 900)), input_type="number"),
        text_field("web address of the company", "Website", f"https://{w.domain}", input_type="url"),
        text_field("tax number of the company", "VAT ID", f"DE{r.randrange(10**8, 10**9)}"),
        text_field("person to talk to", "Contact", who.name),
        text_field("day on which to start", "Start date", w.iso_day(), input_type="date"),
        select(
            "industry of the company", "Industry", ("Retail", "Health", "Software", "Education", "Travel"), "Health"
        ),
        select("country of the company", "Country", w.countries(), w.country()),
        area("description of the project", "About the project", w.sentence(10)),
        check(
            "the help of a person in setting things up",
            "I need help",
            False,
            "[Asks for|Orders] help with setting things up",
            "Does without help in setting things up",
        ),
    ]
    size: list[Node] = []
    for n, each in enumerate(["1–10", "11–50", "51–200", "more"]):
        made = check(
            each, each, n == 0, f"[Chooses|Selects|Picks] {each} as the size of the team", name=f"{each} people"
        )
        size.append(Control("radio", made.meaning, each, on=n == 0))
    following = topics[at + 1] if at + 1 < len(topics) else "the end"
    onward = (
        f"[Goes on|Continues|Moves on] to [the next step|the step {following}]"
        if at + 1 < len(topics)
        else "[Finishes|Completes|Ends] the set-up"
    )
    nav: list[Node] = [
        button("[Goes back|Returns] to the [previous step|step before]", "Back", "arrow-left"),
        button("[Skips|Leaves out] this step", "Skip", ""),
        button("[Saves|Keeps] [the draft|what was entered] for later", "Save draft", "save"),
        button(onward, "Next" if at + 1 < len(topics) else "Finish", "arrow-right", look="primary"),
    ]
    card = Group(
        "card",
        [
            Text(topics[at], "heading"),
            Group("fields", r.sample(pool, r.randrange(4, 8))),
            Group("row", size),
            Group("between", nav if r.random() < 0.5 else [nav[0], nav[-1]]),
        ],
    )
    return Page(
        "wizard", topics[at], f"/setup/{at + 1}", [Group("toolbar", steps), card], shell=r.choice(["plain", "site"])
    )


def survey(r: Random, w: World) -> Page:
    """Questions to be answered."""
    parts: list[Node] = []
    for n, question in enumerate(
        w.some(
            "How did you hear about us?|How satisfied are you?|Would you recommend us?|How often do you visit?|Was the delivery on time?",
            3,
        )
    ):
        question.rstrip("?").lower()
        answers = {
            "How satisfied are you?": ["Very", "Fairly", "Not really", "Not at all"],
            "How did you hear about us?": ["Friends", "Search engine", "Newspaper", "Other"],
        }.get(question, ["Yes", "No", "Not sure"])
        if question.startswith("How often"):
            answers = ["Daily", "Weekly", "Monthly", "Rarely"]
        choices: list[Node] = []
        for answer in answers:
            made = check(
                answer,
                answer,
                False,
                f'[Answers "{answer}" to the question "{question}"|Chooses {answer.lower()} as the answer to "{question}"]',
                name=answer,
                row=f'"{question}"',
            )
            choices.append(Control("radio", made.meaning, answer))
        parts.append(
            Group(
                "card",
                [Text(f"{n + 1}. {question}", "strong"), Group("column" if r.random() < 0.5 else "row", choices)],
            )
        )
    scale: list[Node] = [
        button(
            f"[Gives|Rates the service with] {n} [points|out of 10]".replace("[points|out of 10]", "of 10 points"),
            str(n),
            name=f"{n} points",
            does="pick",
        )
        for n in range(11)
    ]
    parts.append(Group("card", [Text("How likely are you to come back?", "strong"), Group("row", scale)]))
    parts.append(area("further comments", r.choice(["Anything else?", "Comments"]), w.sentence(6)))
    body: list[Node] = [Text("Your opinion", "heading"), *parts, save_cancel(r, "the answers")]
    return Page("survey", "Your opinion", "/survey", body, shell="site")
