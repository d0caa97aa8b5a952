"""Alignment of label and prediction, and the error profile made from it."""

__all__: tuple[str, ...] = ()
