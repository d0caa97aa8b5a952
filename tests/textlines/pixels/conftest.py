"""Pages with lines at known places."""

from tests.page_images import pages

__all__ = ["pages"]
