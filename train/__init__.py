"""The recognizer and the `train` command. Importing this loads nothing heavy."""
