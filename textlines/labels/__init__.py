"""Label files, alphabets, LMDB, manifests and files that appear whole or not at all."""
