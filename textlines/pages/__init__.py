"""Self-contained HTML: tables, plots, thumbnails, escaping."""
