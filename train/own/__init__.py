"""A team's own labelled lines: shared out to roles, read out of fold, their labels doubted."""

__all__: tuple[str, ...] = ()
