"""A style fitted to crops: measured, drawn, told apart, and moved until it is hard to tell."""

__all__: tuple[str, ...] = ()
