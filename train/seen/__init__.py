"""What earlier steps of a model have seen: label files and images, by their hashes."""
