"""Evaluation: figures, grounding by descriptions alone, controls, what is kept of a failed run, files and page."""

import io
import json
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from magenta_qa.finetune.controls import HTML_ONLY, OUTLINE_MOVED, PICTURE_ONLY
from magenta_qa.finetune.element import kinds_of, read_element
from magenta_qa.finetune.evaluate import Plan, evaluate_rows
from magenta_qa.finetune.evaluation import Data, load_evaluation, paired_gain, save_evaluation
from magenta_qa.finetune.evaluation_page import save_page
from magenta_qa.finetune.grounding import build_cases, ground, instruction_from
from magenta_qa.finetune.held_out import HeldOut, Item
from magenta_qa.finetune.row import Row
from magenta_qa.model.decide import open_decision
from magenta_qa.model.errors import BackendError, DatasetError
from magenta_qa.model.fake_endpoint import FakeEndpoint
from magenta_qa.model.schema import Box

DATA = Data("data/shop", "test", rows=0, pages=0)
COLORS = {"red": (220, 20, 20), "green": (20, 180, 20), "blue": (20, 20, 220)}
SIZE = (320, 200)


def screenshot(shade):
    """Three squares in a row; `shade` makes another page of it."""
    image = Image.new("RGB", SIZE, (shade, shade, shade))
    draw = ImageDraw.Draw(image)
    for place, color in enumerate(COLORS.values()):
        draw.rectangle((40 + 80 * place, 80, 79 + 80 * place, 119), fill=color)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def rows(pages=4, **changes):
    found = []
    for number in range(pages):
        picture = screenshot(250 - number)
        for place, color in enumerate(COLORS):
            fields = {
                "external_id": f"{number}-{color}",
                "image": picture,
                "action_type": "click",
                "element_type": "button",
                "text": f"{color} {number}",
                "html": f"<p><button>{color} {number}</button></p>",
                "summary": f"Opens the {color} drawer.",
                "box": Box(40 + 80 * place, 80, 40, 40),
                "viewport": SIZE,
                "site": "shop",
                "url": f"http://127.0.0.1/page-{'abcdefgh'[number]}",
                "summary_source": "person",
                "screenshot": f"sha{number}",
            }
            found.append(Row(**fields | changes))
    return found


def sees(request):
    """Looks into the outline of the picture that was sent, as a good model does."""
    image = Image.open(io.BytesIO(request.picture)).convert("RGB")
    magenta = [x for x in range(image.width) if image.getpixel((x, 100)) == (255, 0, 255)]
    if not magenta:
        return "Opens something unknown."
    pixel = image.getpixel(((magenta[0] + magenta[-1]) // 2, 100))
    color = next((name for name, value in COLORS.items() if value == pixel), "")
    return f"Opens the {color} drawer." if color else "Opens something unknown."


def reads(request):
    """Reads the text and never looks."""
    word = request.prompt.partition("text: ")[2].split(" ")[0].strip()
    return f"Opens the {word} drawer." if word in COLORS else "Opens something unknown."


def judge(tmp_path, model, base="", data=None, **plan):
    found, _ = evaluate_rows(data or rows(), Plan("data/shop", model, base, **plan), DATA, tmp_path)
    return found


def test_model_that_sees_scores_full_marks_and_gains_over_the_base(tmp_path):
    with FakeEndpoint(sees) as endpoint:
        found = judge(tmp_path, endpoint.spec, base="accessible")
    figures = found.figures["model"]
    assert figures["all"]["rouge_l"].value == 1 and figures["all"]["grounded"].value == 1
    assert figures["all"]["bleu_4"].value == pytest.approx(1)
    assert figures["text button"]["rouge_l"].rows == 12 and figures["all"]["rouge_l"].pages == 4
    assert found.gains["all"]["rouge_l"].low > 0 and paired_gain(found, "rouge_l").low > 0
    assert (found.data.rows, found.data.pages) == (12, 4)


def test_controls_tell_who_looks_from_who_reads(tmp_path):
    with FakeEndpoint(sees) as endpoint:
        looking = judge(tmp_path / "a", endpoint.spec).controls["model"]
    with FakeEndpoint(reads) as endpoint:
        reading = judge(tmp_path / "b", endpoint.spec).controls["model"]
    assert looking[PICTURE_ONLY]["rouge_l"].value == 1 and looking[HTML_ONLY]["rouge_l"].value < 0.5
    assert looking[OUTLINE_MOVED]["changed"].value == 1 and looking[OUTLINE_MOVED]["followed"].value == 1
    assert reading[HTML_ONLY]["rouge_l"].value == 1 and reading[PICTURE_ONLY]["rouge_l"].value < 0.5
    assert reading[OUTLINE_MOVED]["changed"].value == 0


def test_interrupted_evaluation_goes_on_where_it_was(tmp_path):
    with FakeEndpoint(sees, mode="500") as endpoint:
        endpoint.mode = "normal"
        judge(tmp_path, endpoint.spec, control_rows=0)
        asked = len(endpoint.requests)
        again = judge(tmp_path, endpoint.spec, control_rows=0)
        assert len(endpoint.requests) == asked == 12 and again.figures["model"]["all"]["rouge_l"].value == 1


def test_back_end_that_does_not_answer_is_an_error_not_a_bad_score(tmp_path):
    with FakeEndpoint(mode="401") as endpoint, pytest.raises(BackendError, match=r"an answer is missing: .*goes on"):
        judge(tmp_path, endpoint.spec, control_rows=0)


def test_answer_that_is_no_sentence_scores_nothing_and_is_counted(tmp_path):
    with FakeEndpoint(lambda request: "{}") as endpoint:
        found = judge(tmp_path, endpoint.spec, control_rows=0)
    assert found.systems["model"].unusable == 12
    assert found.figures["model"]["all"]["rouge_l"].value == 0
    assert "no sentence" in found.examples[0].answers["model"].problem


def test_rows_that_cannot_be_judged_by_are_counted_and_named(tmp_path):
    broken = [*rows(1), *rows(1, image=b"no picture"), *rows(1, summary_source="model")]
    held = HeldOut(broken)
    assert len(held.items) == 3
    assert dict(held.left_out) == {
        "its picture does not decode": 3,
        "label not trusted (summary_source model)": 3,
    }
    with pytest.raises(DatasetError, match="none of the 3 held-out rows can be judged by"):
        HeldOut(rows(1, summary=""))


def test_picture_of_other_people_is_shown_as_it_is(tmp_path):
    image = Image.open(io.BytesIO(screenshot(250)))
    ImageDraw.Draw(image).rectangle((117, 77, 162, 122), outline=(255, 0, 255), width=3)
    out = io.BytesIO()
    image.save(out, "PNG")
    data = rows(1, image=out.getvalue(), box=None, viewport=None, screenshot="", url="")[1:2]
    with FakeEndpoint(sees) as endpoint:
        found = judge(tmp_path, endpoint.spec, data=data)
    assert found.examples[0].answers["model"].text == "Opens the green drawer."
    assert Image.open(io.BytesIO(endpoint.requests[0].picture)).size == SIZE
    assert OUTLINE_MOVED not in found.controls["model"]


def item(number, reference, action="click", kind="button", *, page="p", look="", instruction=""):
    return Item(str(number), page, look or str(number), ("other",), reference, instruction, action, kind, True)


ITEMS = [
    item(0, "Removes the Blue backpack from the cart."),
    item(1, "Removes the Red mug from the cart."),
    item(2, "Types into the Email field of the Sign in form.", "fill", "input:email"),
    item(3, "Enters the password used to sign in.", "fill", "input:password"),
    item(4, "Chooses the delivery country.", "select", "select"),
    item(5, "Goes to the checkout.", kind="link"),
    item(6, "Dismisses the notice."),
    item(7, "Opens the cart.", page="other page"),
]


def grounded(descriptions):
    deciding = open_decision("rules", api_key=None)
    return ground(build_cases(ITEMS), ITEMS, descriptions, deciding)


def test_right_descriptions_lead_to_the_right_element():
    found = grounded({number: one.reference for number, one in enumerate(ITEMS)})
    # The last one is alone on its page: nothing to choose from.
    assert found == dict.fromkeys(range(7), True)


def test_swapped_and_missing_descriptions_do_not():
    swapped = {number: one.reference for number, one in enumerate(ITEMS)}
    swapped[0], swapped[1] = swapped[1], swapped[0]
    del swapped[5]
    found = grounded(swapped)
    assert [found[number] for number in (0, 1, 5)] == [False] * 3 and found[6]


def test_drop_downs_offer_what_the_instruction_chooses():
    items = [*ITEMS, item(8, "Chooses the year of birth.", "select", "select", instruction='Choose "1987" as the year')]
    texts = {number: one.reference for number, one in enumerate(items)}
    deciding = open_decision("rules", api_key=None)
    assert ground(build_cases(items), items, texts, deciding)[8]
    texts[8], texts[4] = texts[4], texts[8]
    assert not ground(build_cases(items), items, texts, deciding)[8]


def test_same_description_everywhere_is_no_grounding():
    assert not any(grounded(dict.fromkeys(range(8), "Opens a page.")).values())


def test_candidates_of_one_look_come_before_those_of_the_page():
    together = [item(n, f"Opens drawer {n}.", look="one" if n < 3 else f"look {n}") for n in range(6)]
    cases = {case.number: case.candidates for case in build_cases(together)}
    assert cases[1] == (0, 1, 2) and cases[4] == (0, 1, 2, 3, 4, 5)


def test_elements_without_a_label_are_chosen_from_but_not_judged(tmp_path):
    labelled = rows(1)
    between = replace(labelled[1], external_id="between", summary="", summary_source="", box=Box(5, 5, 9, 9))
    elsewhere = replace(between, external_id="elsewhere", screenshot="another look")
    data = [labelled[0], between, *labelled[1:], elsewhere]
    found, held = evaluate_rows(data, Plan("data/shop", "accessible", control_rows=0), DATA, tmp_path)
    assert [one.id for one in held.others] == ["between"]
    assert [example.id for example in found.examples] == [row.external_id for row in labelled]
    assert found.figures["model"]["all"]["grounded"].rows == 3 and not found.data.left_out
    # Numbered after the items, it stands second on the page.
    assert {case.candidates for case in build_cases(held.items, held.others)} == {(0, 3, 1, 2)}
    right = dict(enumerate(one.reference for one in held.items))
    deciding = open_decision("rules", api_key=None)
    cases = build_cases(held.items, held.others)
    assert all(ground(cases, held.everything, right, deciding).values())
    misled = ground(cases, held.everything, right | {3: right[1]}, deciding)
    assert [misled[number] for number in range(3)] == [True, False, True]


def test_label_becomes_an_order():
    labels = {
        "Opens the cart.": "Open the cart",
        "Goes back": "Go back",
        "Searches the catalogue.": "Search the catalogue",
        "Copies the link.": "Copy the link",
        "Dismisses the notice.": "Dismiss the notice",
        "Closes it.": "Close it",
        "Plays the video.": "Play the video",
        "Press here.": "Press here",
    }
    assert {label: instruction_from(item(0, label)) for label in labels} == labels


@pytest.mark.parametrize(
    ("element_type", "text", "html", "kinds"),
    [
        ("button", "Save", "<form><button>Save</button></form>", ("text button",)),
        ("button", "", "<div><button class='icon-trash'></button></div>", ("icon only",)),
        (
            "button",
            "",
            "<table><tr><td>Ada</td><td><button class='trash'></button></td></tr></table>",
            ("repeated in rows", "icon only"),
        ),
        ("link", "Home", "<nav><a href='/'>Home</a></nav>", ("link",)),
        ("link", "Home", "<ul><li><a href='/'>Home</a></li></ul>", ("link",)),
        ("input:email", "", "<label>Email <input type='email'></label>", ("input",)),
        ("checkbox", "", "<input type='checkbox'>", ("choice",)),
        ("weird", "x", "", ("other",)),
    ],
)
def test_kinds(element_type, text, html, kinds):
    assert kinds_of(rows(1, element_type=element_type, text=text, html=html)[0]) == kinds


def test_html_tells_name_hints_and_row_of_the_right_one_of_several_elements():
    html = (
        "<table><tr><td>Ada</td><td><button>Edit</button><button class='icon-trash' title='Delete'></button></td>"
        "</tr></table>"
    )
    element = read_element(rows(1, text="", html=html)[0])
    assert (element.name, element.hints, element.context[0].text) == ("Delete", "icon trash", "Ada")


def test_file_is_read_back_as_it_was(tmp_path):
    with FakeEndpoint(sees) as endpoint:
        found = judge(tmp_path, endpoint.spec, base="accessible")
    path = tmp_path / "evaluation.json"
    save_evaluation(found, str(path))
    assert load_evaluation(str(path)) == found
    changed = json.loads(path.read_text())
    del changed["examples"][0]["page"]
    path.write_text(json.dumps(changed))
    with pytest.raises(DatasetError, match=r"examples\.0\.page"):
        load_evaluation(str(path))
    with pytest.raises(DatasetError, match="run 'magenta evaluate' first"):
        load_evaluation(str(tmp_path / "missing.json"))


def test_page_shows_pictures_and_escapes_what_pages_say(tmp_path):
    hostile = rows(2, summary="Opens <script>alert(1)</script> now.", text="<b>x</b>")
    with FakeEndpoint(sees) as endpoint:
        plan = Plan("data/shop", endpoint.spec, "accessible")
        found, held = evaluate_rows(hostile, plan, DATA, tmp_path)
    save_page(found, held, tmp_path / "evaluation.html")
    html = (tmp_path / "evaluation.html").read_text("utf-8")
    assert "<script" not in html and "&lt;script&gt;" in html
    assert html.count("data:image/webp;base64,") == 6
