"""Table cells that a spreadsheet must not take for formulas."""

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(value: str) -> str:
    """The same text, with an apostrophe in front where it would start a formula or slip into another cell."""
    return f"'{value}" if value.startswith(_STARTS_A_FORMULA) else value
