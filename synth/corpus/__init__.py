"""Where the text of the lines comes from."""
