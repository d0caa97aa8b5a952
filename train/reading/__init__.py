"""Crops read by a recognizer, as PaddleOCR reads them at batch size 1."""

__all__: tuple[str, ...] = ()
