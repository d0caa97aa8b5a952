"""Pages: lines laid out on what they stand on in the world, with a box around each."""

__all__: tuple[str, ...] = ()
