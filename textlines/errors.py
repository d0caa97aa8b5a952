"""Errors raised on purpose. Each names the place, the thing and the way out."""

from typing import ClassVar


class MendError(Exception):
    """Base of every error that this project raises on purpose.

    Args:
        where: the file, line, option or sample at fault.
        what: what is wrong with it, with the numbers.
        mend: what the user can do about it.

    All three are positional and kept in `args`, so that an error survives a process pool.

    >>> print(MendError("corpus.txt", "holds no line", "Add lines or name another --corpus."))
    corpus.txt: holds no line. Add lines or name another --corpus.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, where: str, what: str, mend: str = "") -> None:
        super().__init__(where, what, mend)
        self.where, self.what, self.mend = where, what, mend

    def __str__(self) -> str:
        return f"{self.where}: {self.what}." + (f" {self.mend}" if self.mend else "")


class InputError(MendError):
    """A file or a folder that a user named cannot be used as it is."""


class UsageError(MendError):
    """The options contradict each other or a configuration holds what it may not."""

    exit_code = 2


class MachineError(MendError):
    """The machine failed, not a file: memory, disk, rights, a library that does not load.

    No subclass of `InputError` on purpose: whoever counts broken files by catching that must not
    count sound files as broken because the machine could not read them. It ends the command.
    """


class PartialError(MendError):
    """The work stopped part-way and the same call goes on with it."""

    exit_code = 4
