"""Self-contained HTML: tables, plots, thumbnails, escaping."""

__all__: tuple[str, ...] = ()
