"""What a model has seen: the steps that read lines, and the history that a model inherits."""
