"""What the `train` commands do, one module a command."""
