"""How every command of this project ends: one line on stderr and an exit code."""

import signal
import sys
from collections.abc import Callable, Collection, Sequence

from textlines.errors import MendError
from textlines.files import is_of_the_machine, machine_error
from textlines.partials import forget_sweeps
from textlines.signals import AskedToEndError, asked_to_end, ending_by_signal, tell_end
from textlines.terminal import harmless_streams, shown_line

INTERRUPTED = 130
"""As a shell counts a program that Ctrl-C ended: 128 + SIGINT."""


def guarded(app: Callable[[], object], name: str, *, in_time: bool = False) -> int:
    """Run a command-line program and say how it ended.

    A `MendError` becomes `NAME: error: …` on stderr and its own exit code; so does an error of
    the operating system, with the file it is about, a want of memory and a library that does not
    load. A fault of ours keeps its traceback: it is what a report of it needs.

    Args:
        app: the program; reads `sys.argv` and may end with SystemExit.
        name: what the user typed, for the message.
        in_time: see `ending_by_signal`.

    Returns:
        The exit code: 0 done, 1 failed, 2 usage, 3 cannot tell, 4 partial, 130 interrupted,
        143 terminated.

    What cannot be printed (a full disk, a reader that left) does not stop the work, and turns no
    code into another but 0 into 1.

    >>> guarded(lambda: None, "train")
    0
    """
    forget_sweeps()
    with harmless_streams() as (stdout, stderr):
        code = _ended(app, name, in_time=in_time)
        lost = stdout.told_failure()
        # The reader (`| head`) left because it knows enough.
        if lost is not None and not isinstance(lost, BrokenPipeError):
            reason = lost.strerror or str(lost)
            _end(name, f"error: standard output cannot be written ({reason})", 1)
        stderr.told_failure()
        return code or int(lost is not None)


def _ended(app: Callable[[], object], name: str, *, in_time: bool) -> int:
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
        return _end(name, f"error: {_line(error)}", error.exit_code)
    except BrokenPipeError:
        return 1  # of a pipe that was named as an output
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _end(name, f"error: {place}{error.strerror or error}", 1)
    except Exception as error:
        if not is_of_the_machine(error) or _is_ours(error):
            raise
        return _end(name, f"error: {machine_error('this machine', error)}", 1)
    return 0


def _run(app: Callable[[], object]) -> None:
    """Run the program; whatever a library makes of a signal, it is `AskedToEndError`."""
    try:
        app()
    except BaseException as error:
        if asked_to_end() is None:
            raise
        raise AskedToEndError from error
    if asked_to_end() is not None:
        raise AskedToEndError


def _line(error: MendError) -> str:
    """Keep the name and the fault of a stranger's thing on one line; our advice is as it is."""
    return str(MendError(shown_line(error.where), shown_line(error.what), error.mend))


def _is_ours(error: Exception) -> bool:
    """Whether a module that does not load is one of this project: a fault, no missing library."""
    missing = (getattr(error, "name", None) or "").partition(".")[0]
    return missing in ("textlines", "synth", "balance", "train")


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
