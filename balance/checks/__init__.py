"""What is wrong with sets of labelled lines."""
