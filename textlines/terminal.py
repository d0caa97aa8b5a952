r"""What a command prints, made harmless at one border: the two standard streams.

Paths, labels, keys and names come from strangers' files. A terminal obeys what stands in them: a
title is set, lines are wiped out, a bidirectional override turns `txt.exe` round. So every control
character but the line feed and the tab is written as its escape (`\u001b`), by the streams that
`guarded` puts in the place of `sys.stdout` and `sys.stderr`: no `print` can forget it. An escape of
this form also stands for its character in JSON: what `--json` prints stays the same document.

Colours and bars are sequences as well, and rich makes them of styles. It asks a stream for another
one to write to (`rich_proxied_file`): on a terminal that one lets through colours, the movements of
the cursor that bars need, and nothing else. The texts in our own tables and bars are escaped before
they get their style: `console`.

The streams escape what their encoding lacks (LC_ALL=C, Latin-1), too, and remember that they could
not be written, instead of raising in the middle of the work: `guarded` tells it at the end.
"""

import codecs
import errno
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from rich.console import Console

ERRORS = "ocr-mend-escaped"
"""The name of the handler of characters that an encoding lacks."""

_UNSAFE = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and line feed, DEL, C1
    "\u2028\u2029\u202a-\u202e\u2066-\u2069"  # line and paragraph separator, bidi controls
    "\ud800-\udfff]"  # bytes of file names that are no UTF-8
)
_STYLE = re.compile("(\r|\x1b\\[(?:[0-9;]*[mABCDEFGHJK]|\\?25[hl]))")
"""What rich writes of its own: colours, and how a bar goes back to its start."""


def shown(text: str) -> str:
    r"""Escape what a terminal would obey; idempotent.

    >>> print(shown("a\x1b]0;owned\x07\u202eb\n"), end="")
    a\u001b]0;owned\u0007\u202eb
    """
    return _UNSAFE.sub(_escape, text)


def shown_line(text: str) -> str:
    r"""Escape line feeds as well, where a text must stay on its line.

    >>> print(shown_line("a key\nof two lines"))
    a key\u000aof two lines
    """
    return shown(text).replace("\n", "\\u000a")


def _escape(found: "re.Match[str]") -> str:
    return f"\\u{ord(found[0]):04x}"


def _shown_styled(text: str) -> str:
    return "".join(part if at % 2 else shown(part) for at, part in enumerate(_STYLE.split(text)))


def _escape_unencodable(error: UnicodeError) -> tuple[str, int]:
    r"""Write characters that an encoding lacks as JSON does: `\ud55c`, in pairs beyond U+FFFF."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    escaped = (f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
    return "".join(escaped), error.end


codecs.register_error(ERRORS, _escape_unencodable)


class _Stream:
    """A text stream that escapes what it is given, and never raises when it cannot write.

    Attributes:
        failure: why the first text that was lost could not be written.
    """

    def __init__(self, stream: TextIO | None, *, styled: bool = False) -> None:
        self._stream, self._styled = stream, styled
        self.failure: OSError | None = None
        if not styled:
            on_terminal = stream is not None and stream.isatty()
            # rich writes there instead, when it is given this stream.
            self.rich_proxied_file = _Stream(stream, styled=True) if on_terminal else self

    def write(self, text: str) -> int:
        """Write a text, escaped."""
        try:
            if self._stream is None:
                raise OSError(errno.EBADF, os.strerror(errno.EBADF))
            self._stream.write(_shown_styled(text) if self._styled else shown(text))
        except OSError as error:
            self.failure = self.failure or error
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts, escaped."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Hand on what was written."""
        try:
            if self._stream is not None:
                self._stream.flush()
        except OSError as error:
            self.failure = self.failure or error

    def isatty(self) -> bool:
        """Whether a person looks on."""
        return self._stream is not None and self._stream.isatty()

    def fileno(self) -> int:
        """Return the number of the file behind it."""
        if self._stream is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._stream.fileno()

    def __getattr__(self, name: str) -> Any:
        if self._stream is None:
            return {"encoding": "utf-8", "errors": "strict", "closed": False}.get(name)
        return getattr(self._stream, name)

    def told_failure(self) -> OSError | None:
        """Flush for the last time; returns why something was lost, None if nothing was."""
        self.flush()
        styled = self.rich_proxied_file.failure
        found = self.failure or styled
        if found is not None:
            # What is left in the buffers would be complained of again when Python ends.
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
        return found


@contextmanager
def harmless_streams() -> Iterator[tuple[_Stream, _Stream]]:
    """Put streams that escape in the place of standard output and standard error."""
    _occupy_standard_files()
    before = sys.stdout, sys.stderr
    errors = [getattr(stream, "errors", None) for stream in before]
    for stream in before:
        _set_errors(stream, ERRORS)
    streams = _Stream(before[0]), _Stream(before[1])
    sys.stdout, sys.stderr = cast(TextIO, streams[0]), cast(TextIO, streams[1])
    try:
        yield streams
    finally:
        sys.stdout, sys.stderr = before
        for stream, kept in zip(before, errors, strict=True):
            _set_errors(stream, kept)


def _set_errors(stream: TextIO | None, errors: str | None) -> None:
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None and errors is not None:
        # A buffer that cannot be written is told of at the end.
        with suppress(OSError, ValueError):
            reconfigure(errors=errors)


def _occupy_standard_files() -> None:
    """Open the null device as whichever of the three standard files is closed (`>&-`).

    The next file that is opened would get its number otherwise, and take what C libraries complain
    of into its content.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


@cache
def _console_class() -> "type[Console]":
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment
    from rich.text import Text

    class EscapingConsole(Console):
        """Escapes the texts of what it prints, and leaves their styles."""

        def render(
            self, renderable: RenderableType, options: ConsoleOptions | None = None
        ) -> Iterable[Segment]:
            for segment in super().render(renderable, options):
                if segment.control:
                    yield segment
                else:
                    yield Segment(shown(segment.text), segment.style)

        def render_str(self, text: str, **options: Any) -> Text:
            # Before its width is measured: a cell that grows afterwards is cut.
            return super().render_str(shown(text), **options)

    return EscapingConsole


def console(**options: Any) -> "Console":
    """Make a rich console for texts from anywhere: no markup, no emoji codes, escaped."""
    return _console_class()(**{"markup": False, "emoji": False, "highlight": False, **options})
