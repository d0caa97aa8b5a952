"""Guard lines of our own: rendered lines that tell when a model forgets, for who has no others."""

__all__: tuple[str, ...] = ()
