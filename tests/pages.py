"""What tests look at in a page: its bytes without what is drawn anew each time, its title, its refusals."""

import html
import re
from typing import Any

ANEW = re.compile(
    r'nonce(=|-)[\'"]?[\w-]+|name="(csrf_token|key)" value="[^"]+"|class="number">[^<]+'
    r'|<code class="offered">[^<]+</code>'
)
TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
TELLING = re.compile(
    r"\b(couples?|coach(es|ing)?|therap\w*|counsel\w*|relationship|partners?|marriage|ana|ben|ines|gil|hana|omar)\b",
    re.IGNORECASE,
)


def still(reply: Any, *typed: str) -> tuple[int, str, dict[str, str]]:
    """A whole reply without nonce, form token, an error's number and what was typed: two equal ones tell nothing."""
    heads = {name: ANEW.sub("", value) for name, value in reply.headers.items() if name != "Set-Cookie"}
    if 'class="offered"' in reply.text:  # words are not of one length
        heads.pop("Content-Length", None)
    text: str = ANEW.sub("", reply.text)
    for word in typed:
        text = text.replace(word, "")
    return reply.status_code, text, heads


def title(reply: Any) -> str:
    found = TITLE.search(reply.text)
    assert found, reply.text
    return html.unescape(found[1]).strip()


def says(reply: Any, line: str) -> bool:
    """Whether a page says this, in its visible words."""
    return line in html.unescape(reply.text)


def reset_in(page: str) -> str:
    """Which reset the first button on a couple's page vouches for."""
    found = re.search(r'name="reset" value="([^"]+)"', page)
    assert found, page
    return html.unescape(found[1])
