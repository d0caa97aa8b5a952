"""The recognizers as Paddle modules, named as PaddleOCR names their parameters."""

__all__: tuple[str, ...] = ()
