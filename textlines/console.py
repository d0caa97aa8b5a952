"""How every command of this project ends: one line on stderr and an exit code."""

import os
import signal
import sys
from collections.abc import Callable, Collection, Sequence

from textlines.errors import MendError
from textlines.partials import forget_sweeps
from textlines.signals import AskedToEndError, asked_to_end, ending_by_signal, tell_end

INTERRUPTED = 130
"""As a shell counts a program that Ctrl-C ended: 128 + SIGINT."""


def guarded(app: Callable[[], object], name: str, *, in_time: bool = False) -> int:
    """Run a command-line program and say how it ended.

    A `MendError` becomes `NAME: error: …` on stderr and its own exit code; so does an error of
    the operating system, with the file it is about. A fault of ours keeps its traceback: it is
    what a report of it needs.

    Args:
        app: the program; reads `sys.argv` and may end with SystemExit.
        name: what the user typed, for the message.
        in_time: see `ending_by_signal`.

    Returns:
        The exit code: 0 done, 1 failed, 2 usage, 3 cannot tell, 4 partial, 130 interrupted,
        143 terminated.

    >>> guarded(lambda: None, "train")
    0
    """
    forget_sweeps()
    try:
        with ending_by_signal(name, in_time=in_time):
            _run(app)
    except AskedToEndError:
        return tell_end(name, asked_to_end() or signal.SIGINT)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        return _end(name, "interrupted", INTERRUPTED)
    except MendError as error:
        return _end(name, f"error: {error}", error.exit_code)
    except BrokenPipeError:
        # The reader (`| head`) left. Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _end(name, f"error: {place}{error.strerror or error}", 1)
    return 0


def _run(app: Callable[[], object]) -> None:
    """Run the program; whatever a library makes of a signal, it is `AskedToEndError`."""
    try:
        app()
        # Buffered text meets a closed pipe only here, where it can still be answered.
        sys.stdout.flush()
    except BaseException as error:
        if asked_to_end() is None:
            raise
        raise AskedToEndError from error
    if asked_to_end() is not None:
        raise AskedToEndError


def spread_values(arguments: Sequence[str], options: Collection[str]) -> list[str]:
    """Repeat an option before each of its values (`--new a.txt b.txt`), as the parser wants it.

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


def _end(name: str, message: str, code: int) -> int:
    print(f"{name}: {message}", file=sys.stderr)
    return code
