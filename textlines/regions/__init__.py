"""Regions of pages: polygons, page label files, and how detected regions match labelled ones."""

from textlines.regions.polygons import Detected, Polygon

__all__ = ["Detected", "Polygon"]
