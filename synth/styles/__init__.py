"""Distributions that a sample draws its looks from."""
