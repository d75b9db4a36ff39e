"""What the demo's story says of a form, as the fields that a person would have typed."""

from typing import Any


def check_in_fields(given: dict[str, Any]) -> dict[str, str]:
    """The raw fields of a check-in, from its short form in the story."""
    raw = {f"{letter}{n}": v for letter in "sb" for n, v in enumerate(given[letter], 1)}
    steps = given.get("p", [])
    raw |= {f"p{n}": v for n, v in enumerate(steps if isinstance(steps, list) else [steps] * 5, 1)}
    raw |= {name: given[name] for name in ("n1", "g1", "t1", "t2", "t3") if name in given}
    if given["x"] != "skip":
        raw |= {"x1": given["x"], "x2": "no", "x3": given.get("contact", "please_do_not")}
        raw |= {"x4": given["reach"]} if "reach" in given else {}
    return {name: str(value) for name, value in raw.items() if value is not None}
