"""The invented questionnaire, spoilt at one spot: what a broken or hostile file may look like."""

import copy
import json

from hypothesis import strategies as st

from tests.input.forms import TEA

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-99999, 99999) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda below: (
        st.lists(below, max_size=2) | st.dictionaries(st.sampled_from(["url", "code", "x"]), below, max_size=2)
    ),
    max_leaves=4,
)


def spots(tree):
    """Every container and key of it, so that each can be spoilt."""
    for key, value in list(tree.items() if isinstance(tree, dict) else enumerate(tree)):
        yield tree, key
        if isinstance(value, dict | list):
            yield from spots(value)


@st.composite
def spoilt_files(draw):
    """The whole questionnaire as a file, with junk at one spot of it, or that spot taken out."""
    spoilt = copy.deepcopy(TEA)
    where = list(spots(spoilt))
    container, key = where[draw(st.integers(0, len(where) - 1))]
    if draw(st.booleans()):
        container[key] = draw(JUNK)
    else:
        del container[key]
    return json.dumps(spoilt).encode()
