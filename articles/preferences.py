"""A reader's text size and theme: two cookies, and the style sheet that they amount to.

Pages are the same for everybody; what a reader chose comes to them by one small style sheet of its
own address. Only it reads these cookies. It sets variables alone: css/tokens.css says what a theme
is, css/blocks/tools.css what a chosen button looks like.
"""

from collections.abc import Mapping

# The browser's own text size, and steps beside it.
SIZES = {"1": "87.5%", "2": "100%", "3": "112.5%", "4": "125%", "5": "150%"}
# css/tokens.css turns its light or its dark colours on by these.
THEMES = {
    "system": "",
    "light": "color-scheme:light;--if-light:initial;--if-dark: ;",
    "dark": "color-scheme:dark;--if-light: ;--if-dark:initial;",
}
CHOICES: dict[str, Mapping[str, str]] = {"size": SIZES, "theme": THEMES}
USUAL = {"size": "2", "theme": "system"}


class UnknownChoice(ValueError):
    """What was asked for is no text size and no theme."""


def asked(parameters: Mapping[str, str]) -> dict[str, str]:
    """The choices that an address makes; raise UnknownChoice if there are none, or unknown ones."""
    made = {name: parameters[name] for name in CHOICES if name in parameters}
    if not made or any(value not in CHOICES[name] for name, value in made.items()):
        raise UnknownChoice(dict(parameters))
    return made


def kept(cookies: Mapping[str, str]) -> dict[str, str]:
    """The choices that cookies hold, the usual ones where they hold none or nonsense."""
    return {
        name: cookies[name] if cookies.get(name, "") in known else USUAL[name]
        for name, known in CHOICES.items()
    }


def style(choices: Mapping[str, str]) -> str:
    """The style sheet of choices; it marks their buttons, too, for eye and ear.

    使用中 is written alike in both scripts.
    """
    size, theme = choices["size"], choices["theme"]
    root = THEMES[theme] + (f"font-size:{SIZES[size]};" if size != USUAL["size"] else "")
    buttons = f'[name="size"][value="{size}"],[name="theme"][value="{theme}"]'
    mark = f'{buttons}{{--mark:var(--accent);--said:"（使用中）"}}'
    return (f":root{{{root}}}" if root else "") + mark
