"""Detectors of text lines: how well they find them, and where they fail."""

__all__: tuple[str, ...] = ()
