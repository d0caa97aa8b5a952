"""Mix original and new lines in a held ratio, and find what is wrong with a set of lines."""
