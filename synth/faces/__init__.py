"""Font faces: where they come from, what they may draw, how they are weighed."""

__all__: tuple[str, ...] = ()
