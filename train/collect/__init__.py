"""Crops worth a label: found in production, typed in a page, kept with their roles."""

__all__: tuple[str, ...] = ()
