"""`python -m textlines.formats`: print `docs/formats.md`."""

import sys

from textlines.formats.reference import reference

sys.stdout.write(reference())
