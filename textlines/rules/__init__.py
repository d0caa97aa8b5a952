"""One code for each defect that a line can have against an alphabet, a width, a length limit."""

__all__: tuple[str, ...] = ()
