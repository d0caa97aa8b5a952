"""Options that take several values at once: `--new a.txt b.txt`."""

from collections.abc import Collection, Sequence


def spread_values(arguments: Sequence[str], options: Collection[str]) -> list[str]:
    """Repeat an option before each of its values, as the parser wants it.

    >>> spread_values(["mix", "--new", "a", "b", "--ratio", "8:1"], {"--new"})
    ['mix', '--new', 'a', '--new', 'b', '--ratio', '8:1']
    """
    spread: list[str] = []
    option, has_value = "", False
    for at, argument in enumerate(arguments):
        if argument == "--":
            return spread + list(arguments[at:])
        if argument.startswith("-") and len(argument) > 1:
            option, has_value = (argument if argument in options else ""), False
        elif option:
            if has_value:
                spread.append(option)
            has_value = True
        spread.append(argument)
    return spread
