"""A run: its job, shards and workers, the merged whole, packs and previews."""

__all__: tuple[str, ...] = ()
