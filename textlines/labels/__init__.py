"""Label files, alphabets, LMDB, manifests and files that appear whole or not at all."""

__all__: tuple[str, ...] = ()
