"""Where the text of the lines comes from."""

__all__: tuple[str, ...] = ()
