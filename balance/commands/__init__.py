"""The commands of `balance`, one module each."""
