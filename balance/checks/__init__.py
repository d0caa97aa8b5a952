"""What is wrong with sets of labelled lines."""

__all__: tuple[str, ...] = ()
