"""Pages for browsers: who gets them, what they may do, and that nothing in them is markup of somebody else's."""

import html
import re
import struct
from html.parser import HTMLParser

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from diagnosis.rule import all_rules
from schemas.catalogue import all_conditions
from service import create_app
from service.pages.html import phrase, prose, titled
from service.settings import Settings

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"}
PAGES = ("/", "/conditions", "/conditions/overfitting", "/conditions/relu_output", "/formats", "/docs")
NEGOTIATED = tuple(page for page in PAGES if page != "/docs")


class Seen(HTMLParser):
    """What a page loads, links to, and runs."""

    def __init__(self, text: str) -> None:
        """Read it."""
        super().__init__()
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self.ids: list[str] = []
        self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what it asks for, and what the policy would refuse."""
        given = dict(attrs)
        self.addresses += [value for name in ("href", "src") if (value := given.get(name))]
        self.inline += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        self.inline += ["script"] if tag == "script" and not given.get("src") else []
        self.inline += ["style"] if tag == "style" else []
        self.ids += [value for name, value in attrs if name == "id" and value]


def page(client: FlaskClient, address: str) -> str:
    """As a browser gets it."""
    response = client.get(address, headers=BROWSER)
    assert (200, "text/html; charset=utf-8") == (response.status_code, response.content_type)
    return response.get_data(as_text=True)


@pytest.mark.parametrize("address", NEGOTIATED)
@pytest.mark.parametrize("accept", [None, "*/*", "application/json"])
def test_programs_get_what_they_got_before(client: FlaskClient, address: str, accept: str | None) -> None:
    """A page is for whoever asks for one."""
    response = client.get(address, headers={"Accept": accept} if accept else {})

    assert ("application/json", "Accept, User-Agent") == (response.content_type, response.headers["Vary"])


@pytest.mark.parametrize("address", PAGES)
def test_a_page_runs_no_script_but_its_own_and_cannot_be_framed(client: FlaskClient, address: str) -> None:
    """The policy allows nothing inline and nothing foreign, and the page needs neither."""
    headers = client.get(address, headers=BROWSER).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    seen = Seen(page(client, address))

    assert ("'none'", "'self'", "'self'") == (policy["default-src"], policy["script-src"], policy["style-src"])
    assert ("'none'", "'none'", "'none'") == (policy["frame-ancestors"], policy["base-uri"], policy["form-action"])
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert ("nosniff", "no-referrer") == (headers["X-Content-Type-Options"], headers["Referrer-Policy"])
    assert "Access-Control-Allow-Origin" not in headers
    assert [] == seen.inline
    assert [] == [each for each in seen.addresses if "//" in each]


@pytest.mark.parametrize("address", PAGES)
def test_every_link_of_a_page_leads_somewhere(client: FlaskClient, address: str) -> None:
    """Relative, so that a prefix of a proxy's is no hindrance; anchors are there."""
    seen = Seen(page(client, address))
    folder = address.rpartition("/")[0] + "/"

    assert len(seen.ids) == len(set(seen.ids))
    for link in {each for each in seen.addresses if not each.startswith("#i-")}:
        path, _, anchor = link.partition("#")
        assert not path.startswith("/"), link
        if path:
            assert 200 == client.get(re.sub(r"[^/]+/\.\./", "", (folder + path).replace("/./", "/"))).status_code, link
        elif anchor and not anchor.startswith("example="):
            assert anchor in seen.ids, link


@pytest.mark.parametrize("name", all_conditions())
def test_every_condition_has_a_page_for_people(client: FlaskClient, name: str) -> None:
    """It says what it means, how it is detected and when that is wrong; a curve's shows an example."""
    text = page(client, f"/conditions/{name}")

    assert f"<h1>{html.escape(titled(name))}</h1>" in text
    for heading in ("What it means", "How it is detected", "When it is wrong", "Sources"):
        assert f"<h2>{heading}</h2>" in text
    assert (name in all_rules()) == ("data-question=" in text)


@pytest.mark.parametrize("name", sorted(all_rules()))
def test_the_example_on_a_page_shows_its_condition(client: FlaskClient, name: str) -> None:
    """What the page sends is a question as any other, and the answer names the condition."""
    found = re.search(r'data-question="([^"]*)"', page(client, f"/conditions/{name}"))
    assert found
    answer = client.post("/diagnose", data=html.unescape(found[1])).get_json()

    findings = answer.get("across", answer)["findings"]
    assert name in {finding["condition"] for finding in findings}


def test_links_go_up_from_a_folder(client: FlaskClient) -> None:
    """With and without a slash at the end."""
    assert 'data-root="./"' in page(client, "/conditions")
    assert 'data-root="../"' in page(client, "/conditions/overfitting")
    assert 'data-root="../"' in page(client, "/conditions/")


def test_templates_escape_what_they_are_given(app: Flask) -> None:
    """Whatever it is, and through every filter."""
    nasty = "<script>`a` & b</script>"
    with app.test_request_context("/"):
        shown = render_template_string("{{ x }} {{ x | phrase }} {{ x | prose }}", x=nasty)

    assert "<script" not in shown
    assert "&lt;script&gt;<code>a</code> &amp; b" in shown


def test_prose_has_paragraphs_and_code() -> None:
    """As the docstrings have them."""
    assert "<p>one two</p><p><code>three</code></p>" == prose("one\ntwo\n\n`three`")
    assert "a &lt; b" == phrase("a < b")


def test_prose_has_lists_whose_points_run_over_several_lines() -> None:
    """Each is escaped as a paragraph is."""
    assert "<p>any of:</p><ul><li>one &lt; two</li><li>three</li></ul><p>end</p>" == prose(
        "any of:\n\n- one\n  < two\n- three\n\nend"
    )


def test_a_page_that_is_not_there_is_a_problem_for_a_browser_too(client: FlaskClient) -> None:
    """Every error of every address is one document."""
    response = client.get("/conditions/bad_luck", headers=BROWSER)

    assert (404, "application/problem+json") == (response.status_code, response.content_type)


def test_the_page_does_not_need_to_know_its_address() -> None:
    """`PUBLIC_URL` changes links in answers and previews, not those of pages."""
    client = create_app(Settings(public_url="https://example.org/doctor")).test_client()

    assert not [address for address in Seen(page(client, "/")).addresses if "example.org" in address]


PREVIEWERS = (
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1",
    "TelegramBot (like TwitterBot)",
)


@pytest.mark.parametrize("address", NEGOTIATED)
@pytest.mark.parametrize("agent", PREVIEWERS)
def test_what_makes_previews_of_links_gets_the_page(client: FlaskClient, address: str, agent: str) -> None:
    """It accepts anything, and wants what a person would see; where it asks for JSON it gets that."""
    response = client.get(address, headers={"Accept": "*/*", "User-Agent": agent})

    assert "text/html" == response.mimetype
    assert {"Accept", "User-Agent"} == set(response.vary)
    asked = client.get(address, headers={"Accept": "application/json", "User-Agent": agent})
    assert "application/json" == asked.mimetype
    assert {"Accept", "User-Agent"} == set(asked.vary)  # or a cache would hand it to the next previewer


def test_a_preview_has_the_absolute_address_of_a_picture_that_is_there() -> None:
    """Only where the service knows the address that others reach it at."""
    client = create_app(Settings(public_url="https://lab.example/doctor")).test_client()
    text = page(client, "/conditions/overfitting")
    said = dict(re.findall(r'<meta property="og:([a-z:]+)" content="([^"]*)">', text))
    picture = client.get(said["image"].removeprefix("https://lab.example/doctor"))

    assert "https://lab.example/doctor/conditions/overfitting" == said["url"]
    assert (200, "image/png") == (picture.status_code, picture.content_type)
    assert (1200, 630) == struct.unpack(">II", picture.data[16:24])
    assert 'property="og:title" content="Overfitting' in text


def test_a_page_without_a_public_address_names_no_picture(client: FlaskClient) -> None:
    """A relative one would be none."""
    assert "og:image" not in page(client, "/")
