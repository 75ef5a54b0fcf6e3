"""The page in a real browser: what a newcomer does with it, and what may go wrong."""

import base64
import json
import math
import re
import zlib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from diagnosis.examining.model_check import all_checks
from diagnosis.rule import Evidence, all_rules
from schemas.catalogue import examined_by, examples_of
from schemas.finding import evidence_of
from scripts.listening import Server
from service.wording.amounts import COUNTED, amount
from service.wording.words import explained

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[2]
DIGITS = ROOT / "examples/logs/digits.csv"
EXAMPLES = sorted(path for path in (ROOT / "service/static/examples").iterdir() if path.suffix != ".md")
PHONE = {"viewport": {"width": 375, "height": 780}}
DARK = {"color_scheme": "dark"}
RUN = {"history": {"loss": [2.3, 1.7, 1.2, 0.9, 0.7, 0.6, 0.5, 0.45, 0.4, 0.36, 0.33, 0.3]}}
ADDRESSES = (
    "./",
    "./#overfit-check",
    "conditions",
    "conditions/overfitting",
    "conditions/vanishing_gradients",
    "formats",
    "docs",
)
DROP = """(text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], "metrics.csv"));
    for (const kind of ["dragenter", "dragover", "drop"])
        document.body.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
}"""
FOLDER = """(text) => {
    const file = (name) => ({ isFile: true, file: (done) => done(new File([text], name)) });
    const pieces = [[file("fold_1.csv"), file("fold_2.csv")], [file("fold_3.csv")], []];
    const folder = { isDirectory: true, createReader: () => ({ readEntries: (done) => done(pieces.shift()) }) };
    DataTransferItem.prototype.webkitGetAsEntry = () => folder;
    const data = new DataTransfer();
    data.items.add(new File([""], "runs"));
    document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
}"""
PASTE = """(text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.body.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: data }));
}"""
WORDS = """async ([shown, found]) => {
    const numbers = document.querySelector("script[type=module]").src.replace(/[^/]*$/, "numbers.js");
    const { amount, explained } = await import(numbers);
    const said = ({ value, bound }) => (bound === null ? value : `${value} (bound ${bound})`);
    return {
        amounts: shown.map((one) => said(amount(one))),
        explained: found.map((evidence) => explained([{ evidence }]).trim()),
    };
}"""
BARRIERS = "async () => (await axe.run()).violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)"
DRAWN = """(plot) => {
    const canvas = plot.querySelector("canvas");
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels.some((value) => value > 0);
}"""


def headline(page: Any) -> str:
    """What the verdict says, once it is there."""
    found: str = page.locator("#answer .verdict h2").inner_text()
    return found


def example(page: Any, name: str) -> None:
    """Click on one of the examples."""
    page.goto("./")
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_selector("#answer .verdict")


def barriers(page: Any, axe: str) -> list[str]:
    """What axe-core finds; its source is evaluated as the debugger does, which no policy forbids."""
    page.evaluate(f"() => {{ {axe}; }}")
    found: list[str] = page.evaluate(BARRIERS)
    return found


def test_a_dropped_log_becomes_an_understood_diagnosis(visit: Any) -> None:
    """Drop, chart, finding, fix: nothing has to be read before, nothing clicked."""
    page = visit.page
    page.goto("./")
    page.evaluate(DROP, DIGITS.read_text(encoding="utf-8"))

    assert headline(page).startswith("Overfitting since epoch 13")
    assert "Needs attention" == page.locator("#answer .status").inner_text()
    assert "Stop; best checkpoint: epoch 13" in page.locator("#answer .decision").inner_text()
    assert page.locator("#answer .plot").first.evaluate(DRAWN)
    finding = page.locator("#answer .finding").first
    assert "98 % sure" in finding.inner_text()
    assert "Use the checkpoint of epoch 13." in finding.locator(".first").inner_text()


def test_of_a_dropped_folder_every_file_is_read(visit: Any) -> None:
    """However many pieces the browser gives its list in: a verdict over some of the folds would be none."""
    page = visit.page
    page.goto("./")
    page.evaluate(FOLDER, DIGITS.read_text(encoding="utf-8"))

    assert headline(page).startswith("3 of 3 runs need attention.")


def test_the_way_back_leads_to_the_start(visit: Any) -> None:
    """By the button and by the browser's own, again and again."""
    page = visit.page
    page.goto("./")
    for _ in range(2):
        page.evaluate(DROP, DIGITS.read_text(encoding="utf-8"))
        headline(page)
        page.get_by_role("button", name="Examples").click()
        page.get_by_role("heading", name="What is wrong with this training run?").wait_for()
    page.get_by_role("link", name="Diverging").click()
    headline(page)
    page.go_back()
    page.get_by_role("heading", name="What is wrong with this training run?").wait_for()
    page.go_forward()

    assert headline(page).startswith("Diverging")


def test_a_pasted_log_is_read_wherever_it_is_pasted(visit: Any) -> None:
    """Ctrl-V anywhere will do; no field has to be found first."""
    visit.page.goto("./")
    visit.page.evaluate(PASTE, json.dumps(RUN))

    assert headline(visit.page)


def test_a_chosen_file_and_typed_text_are_read_too(visit: Any) -> None:
    """The ways of those who neither drop nor paste; several files are several runs."""
    page = visit.page
    page.goto("./")
    page.get_by_role("button", name="Type or paste text").click()
    page.get_by_label("The log, as text").fill(DIGITS.read_text(encoding="utf-8"))
    page.get_by_role("button", name="Diagnose").click()
    typed = headline(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Another log").click()
    chooser.value.set_files([DIGITS, ROOT / "service/static/examples/diverging.csv"])
    page.wait_for_selector("#answer .runs")

    assert typed.startswith("Overfitting")
    assert ["digits, Needs attention", "diverging, Failing"] == page.locator(".runchip").all_text_contents()
    page.get_by_role("button", name="digits").click()
    assert "Overfitting since epoch 13" in page.locator("#answer .headline").inner_text()


@pytest.mark.parametrize("visit", [{}, {**PHONE, **DARK}], indirect=True)
@pytest.mark.parametrize("file", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_drawn_and_nothing_sticks_out(visit: Any, file: Path) -> None:
    """On a desktop by day, and on a phone at night."""
    page = visit.page
    page.goto(f"./#example={file.stem}")
    page.wait_for_selector("#answer .verdict")

    assert page.locator("#answer .plot").first.evaluate(DRAWN)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_finding_and_its_mark_on_the_chart_know_each_other(visit: Any) -> None:
    """The badge leads to the card; the card that is looked at stands out on the chart."""
    page = visit.page
    example(page, "Overfitting")
    before = page.locator("#answer canvas").first.evaluate("(canvas) => canvas.toDataURL()")
    page.locator("#answer .finding").first.hover()
    page.wait_for_timeout(100)
    after = page.locator("#answer canvas").first.evaluate("(canvas) => canvas.toDataURL()")
    page.locator("#answer .badge").first.click()

    assert before != after
    assert page.locator("#answer .finding").first.evaluate("(card) => card === document.activeElement")


def test_the_fold_says_when_the_finding_is_wrong(visit: Any) -> None:
    """With what speaks against it in this run, and what the condition's page says."""
    page = visit.page
    example(page, "Overfitting")
    page.get_by_text("When this is wrong").first.click()
    page.wait_for_selector("#answer a:has-text('All about overfitting')")
    says = page.locator("#answer details:has-text('When this is wrong')").first.inner_text()

    assert "Would be overturned" in says
    assert " ".join(all_rules()["overfitting"].page["When it is wrong"].split()) in " ".join(says.split())


def test_a_wrong_name_is_corrected_and_asked_again(visit: Any) -> None:
    """The mapping is shown, and what is changed there counts."""
    page = visit.page
    example(page, "Overfitting")
    page.locator("#naming summary").click()
    for name in ("val_loss", "val_accuracy"):
        page.get_by_label(name, exact=True).select_option("other")
    page.locator("#context-learning_rate").fill("0.005")
    page.get_by_role("button", name="Ask again").click()
    page.wait_for_selector("#answer .verdict[data-status=healthy]")
    page.locator("#naming summary").click()

    assert "other" == page.get_by_label("val_loss", exact=True).input_value()
    assert "0.005" == page.locator("#context-learning_rate").input_value()
    page.get_by_role("button", name="curl").click()
    assert re.search(r"roles=.*val_loss.*other", page.locator("#answer .terminal pre").inner_text())


def test_the_answer_leaves_as_markdown_as_a_link_and_as_a_command(visit: Any, server: Server) -> None:
    """What is copied says the same, and the link opens the same run."""
    page = visit.page
    page.goto("./")
    page.evaluate(DROP, DIGITS.read_text(encoding="utf-8"))
    said = headline(page)
    page.evaluate("navigator.clipboard.writeText('')")  # another test may have copied something
    copied: list[str] = []
    for button in ("Copy as Markdown", "Copy link"):
        page.get_by_role("button", name=button).click()
        page.wait_for_selector("#toast:visible")
        page.wait_for_function(
            "(before) => navigator.clipboard.readText().then((now) => now !== before)", arg="".join(copied[-1:])
        )
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    page.get_by_role("button", name="curl").click()
    command = page.locator("#answer .terminal pre").inner_text()
    page.goto("about:blank")
    page.goto(copied[1])

    assert f"**{said}**" in copied[0]
    assert len(copied[1]) <= 1800
    assert headline(page).startswith("Overfitting")
    assert "--data-binary @metrics.csv" in command
    assert f"{server.url}/diagnose?filename=metrics.csv" in command


def test_a_link_that_a_program_made_opens(visit: Any) -> None:
    """Raw deflate in base64url, as the service's own messages have it."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflate.compress(json.dumps(RUN).encode()) + deflate.flush()
    visit.page.goto(f"./#run={base64.urlsafe_b64encode(packed).decode().rstrip('=')}")

    assert headline(visit.page)
    assert "12 values" in visit.page.locator("#asked-what").inner_text()


def test_a_link_that_was_cut_says_so(visit: Any) -> None:
    """A chat may break an address."""
    visit.page.goto("./#run=q1YqSS0uUbJSMlTSUVAqLU4tUrJS")

    assert "The link is broken" == headline(visit.page)


def test_a_file_that_is_no_log_is_refused_in_plain_words(visit: Any) -> None:
    """The problem document is shown: what came, what was expected, what to do."""
    page = visit.page
    page.goto("./")
    page.evaluate(PASTE, "Dear curve doctor, my model feels unwell.")
    card = page.locator("#answer .problem")
    card.wait_for()

    assert "Not a training log that is known here" == headline(page)
    assert "415" in card.locator(".status").inner_text()
    assert any("415" in complaint for complaint in visit.complaints)
    visit.complaints.clear()  # the browser itself notes a refused request


@pytest.mark.parametrize("visit", [{}, PHONE], indirect=True)
def test_names_of_any_length_stay_in_their_place(visit: Any) -> None:
    """Of series and of runs, without a place to break them at; runs that have no validation are drawn like others."""
    long = "loss_" + "x" * 195
    runs = [{"name": f"{n}" + "y" * 199, "history": {long: RUN["history"]["loss"]}} for n in range(2)]
    visit.page.goto("./")
    visit.page.evaluate(PASTE, json.dumps({"runs": runs, "roles": {long: "train_loss"}}))
    headline(visit.page)

    assert visit.page.locator("#answer .plot").first.evaluate(DRAWN)
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("history", "says"),
    [
        ({"loss": [2 * 0.9**n + 0.3 + 5 * (n in (30, 77)) for n in range(120)]}, "Arrow: a spike"),
        ({"loss": [2 * 0.95**n + 0.3 + 0.3 * (n % 12 > 5) for n in range(144)]}, "Thin lines: where it begins anew"),
        ({"loss": [2 * 0.8**n + 0.3 + 0.01 * (n % 2) for n in range(60)]}, "Broad line: the level of the plateau"),
        (
            {"loss": RUN["history"]["loss"] * 2, "lr": [1e-2] * 12 + [1e-3] * 12},
            "Dotted: the learning rate was changed",
        ),
    ],
)
def test_what_a_finding_points_at_is_drawn_and_explained(visit: Any, history: dict[str, Any], says: str) -> None:
    """As in the pictures of the service; a sign that is not there is not explained."""
    visit.page.goto("./")
    visit.page.evaluate(PASTE, json.dumps({"history": history}))
    headline(visit.page)

    assert says in visit.page.locator("#answer .legend").inner_text()
    visit.page.goto("about:blank")
    visit.page.goto("./#example=all-is-well")
    visit.page.wait_for_selector("#answer .plot canvas")
    assert "Arrow" not in visit.page.locator("#answer .legend").inner_text()


@pytest.mark.parametrize("visit", [DARK], indirect=True)
def test_what_is_printed_is_dark_on_light(visit: Any) -> None:
    """Paper is white, whatever the screen was; and what was judged is named on it."""
    page = visit.page
    example(page, "Overfitting")
    page.emulate_media(media="print", color_scheme="dark")

    assert "rgb(27, 29, 34)" == page.evaluate("getComputedStyle(document.body).color")
    assert page.locator("#asked-name").is_visible()
    assert page.locator("#answer .actions").is_hidden()


@pytest.mark.parametrize(
    ("history", "panels"),
    [
        ({"foo": RUN["history"]["loss"], "bar": RUN["history"]["loss"]}, ["foo"]),
        (
            {"loss": {"values": RUN["history"]["loss"], "axis": "step"}, "val_loss": [2.0, 1.5, 1.2]},
            ["loss", "val_loss"],
        ),
        (
            {
                "loss": RUN["history"]["loss"],
                **{name: [count] * 12 for name, count in (("tp", 0), ("fp", 0), ("tn", 95), ("fn", 5))},
            },
            ["loss", "derived/f1", "derived/recall", "derived/specificity"],
        ),
    ],
)
def test_something_is_seen_at_once(visit: Any, history: dict[str, Any], panels: list[str]) -> None:
    """Of names that mean nothing the first; of a loss both splits, though one is counted in steps; of counts what they come to."""
    visit.page.goto("./")
    visit.page.evaluate(PASTE, json.dumps({"history": history}))
    headline(visit.page)

    assert panels == visit.page.locator("#answer .charts > figure .key .name").all_inner_texts()


def test_words_of_the_evidence_are_explained_once(visit: Any) -> None:
    """Those that are used, below the findings."""
    example(visit.page, "Overfitting")
    said = visit.page.locator("#answer .findings .words").all_inner_texts()

    assert 1 == len(said)
    assert said[0].startswith("Progress: what a curve gained")
    assert "Bound: the threshold" in said[0]


def test_the_page_says_evidence_as_the_texts_do(visit: Any) -> None:
    """The service's answers hold numbers; the page puts them into words by itself, and into the same."""
    rules = [found for rule in all_rules().values() for found in examples_of(rule).values()]
    checks = [found for check in all_checks().values() for found in examined_by(check).values()]
    beyond = Evidence("rebound", math.inf, 0.05, "share of progress", "of next to nothing")
    single = (Evidence("count", 1.0, None, unit, "") for unit in COUNTED)
    spoken = [beyond, *single, *(evidence for found in (*rules, *checks) for evidence in found.finding.evidence)]
    shown = [evidence_of(evidence) for evidence in spoken]
    visit.page.goto("./")
    written = visit.page.evaluate(WORDS, [shown, [[evidence_of(e) for e in j.finding.evidence] for j in rules]])

    assert [amount(evidence) for evidence in spoken] == written["amounts"]
    said = [[f"{line[0].upper()}{line[1:]}." for line in explained([found])] for found in rules]
    assert [" ".join(lines) for lines in said] == written["explained"]


def test_markup_in_a_log_stays_text(visit: Any) -> None:
    """A name is a stranger's text: shown as it is, run never."""
    name = "<img src=x onerror=alert(1)>"
    visit.page.goto("./")
    visit.page.evaluate(PASTE, json.dumps({"history": {name: RUN["history"]["loss"]}, "roles": {name: "train_loss"}}))
    headline(visit.page)

    assert name in visit.page.locator("#answer .keys").first.inner_text()
    assert 0 == visit.page.locator("#answer img").count()


def test_the_keyboard_is_enough(visit: Any) -> None:
    """From the first key to a value on the chart, and between the tabs."""
    page = visit.page
    page.goto("./")
    page.keyboard.press("Tab")
    assert "Skip to the content" == page.evaluate("document.activeElement.textContent")
    page.get_by_role("tab", name="A training log").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("heading", name="Can this model learn at all?").is_visible()
    page.keyboard.press("ArrowLeft")
    page.get_by_role("link", name="Overfitting").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#answer .verdict")
    page.locator("#answer .plot").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")

    assert "epoch 1" == page.locator("#answer .at").first.inner_text()


def test_the_theme_is_chosen_and_kept(visit: Any) -> None:
    """A choice outlives the page, and the chart follows it."""
    page = visit.page
    example(page, "Overfitting")
    page.get_by_role("button", name="Switch between light and dark").click()
    page.reload()

    assert "dark" == page.evaluate("document.documentElement.dataset.theme")


@pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")
def test_a_model_is_checked_while_its_loss_is_watched(visit: Any) -> None:
    """The tab for models: files in, a live curve, a verdict, the defect and its cure."""
    page = visit.page
    page.goto("./#overfit-check")
    page.wait_for_selector("#unavailable", state="hidden", timeout=60_000)
    page.locator("#model").set_input_files(ROOT / "service/static/models/model.pt")
    page.locator("#batch").set_input_files(ROOT / "service/static/models/batch.npz")
    page.get_by_role("button", name="Check the model").click()
    page.wait_for_selector("#verdict .verdict", timeout=60_000)

    assert "It cannot learn this batch" == page.locator("#verdict .status").inner_text()
    assert page.locator("#live-plot").evaluate(DRAWN)
    assert "Drop the final softmax" in page.locator("#verdict .first").first.inner_text()


def test_a_model_that_is_none_is_refused_in_plain_words(visit: Any) -> None:
    """The tab shows a problem as the other does."""
    page = visit.page
    page.goto("./#overfit-check")
    page.locator("#model").set_input_files(DIGITS)
    page.get_by_role("button", name="Check the model").click()
    page.wait_for_selector("#verdict .problem")
    visit.complaints.clear()  # the browser itself notes a refused request

    assert page.locator("#verdict .detail").inner_text()


@pytest.mark.parametrize("visit", [{}, {**PHONE, **DARK}], indirect=True)
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_has_a_barrier(visit: Any, axe: str, address: str) -> None:
    """axe-core finds nothing, and nothing sticks out."""
    visit.page.goto(address)
    visit.page.wait_for_load_state("networkidle")

    assert [] == barriers(visit.page, axe)
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("visit", [{}, {**PHONE, **DARK}], indirect=True)
@pytest.mark.parametrize("name", ["Overfitting", "Five folds"])
def test_no_answer_has_a_barrier(visit: Any, axe: str, name: str) -> None:
    """With every fold open."""
    example(visit.page, name)
    visit.page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    visit.page.wait_for_load_state("networkidle")

    assert [] == barriers(visit.page, axe)
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_example_of_every_condition_shows_it(visit: Any) -> None:
    """The page of a condition judges its own example, and draws what it says."""
    for name in ("overfitting", "loss_spike", "unstable_across_runs", "non_finite"):
        visit.page.goto(f"conditions/{name}")
        visit.page.wait_for_selector("#example .plot canvas")
        assert visit.page.locator("#example .plot").first.evaluate(DRAWN), name
