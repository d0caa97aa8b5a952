"""Safe decoding, the recognizer's resize rule and effects: pure functions on uint8 arrays."""

__all__: tuple[str, ...] = ()
