"""What will be drawn: one row a sample, written before the first stroke."""

__all__: tuple[str, ...] = ()
