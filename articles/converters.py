"""Parts of addresses, so narrow that nothing behind them can be asked senseless things."""


class YearConverter:
    """Four ASCII digits (a digit class of Python's would take other scripts' digits too)."""

    regex = "[12][0-9]{3}"

    def to_python(self, value: str) -> int:
        """The year."""
        return int(value)

    def to_url(self, value: int) -> str:
        """Four digits."""
        return f"{value:04d}"


class TwoDigitConverter(YearConverter):
    """A month or a day, with its leading zero; other spellings are other addresses."""

    regex = "[0-9]{2}"

    def to_url(self, value: int) -> str:
        """Two digits."""
        return f"{value:02d}"


class IdConverter(YearConverter):
    """A row's id: never past PostgreSQL's bigint."""

    regex = "[1-9][0-9]{0,17}"

    def to_url(self, value: int) -> str:
        """As it is."""
        return str(value)


class AnchorConverter(IdConverter):
    """A paragraph's number; no body that the archive takes in has more."""

    regex = "[1-9][0-9]{0,6}"


class NameConverter:
    """A name or Chinese slug: no slash, nothing unprintable (PostgreSQL takes no NUL)."""

    regex = r"[^/\x00-\x1f\x7f]{1,80}"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is; Django quotes it."""
        return value


class PrintedNameConverter(NameConverter):
    """A name as printed, which may hold a slash (张三/李四)."""

    regex = r"[^\x00-\x1f\x7f]{1,80}"
