"""Every kind of defect, once: its code, what becomes of what has it, its sentence, what mends it.

One module for each kind of thing that can have defects, with a record for each and with tables of
those that are counted together. What counts a defect names its record; tables are for what tells of
counts, and for what reads codes back from a file.
"""

from textlines.defects import (
    of_annotations,
    of_checks,
    of_lines,
    of_queues,
    of_readings,
    of_texts,
)
from textlines.defects.defect import EFFECT_WORDS, EFFECTS, Defect, Defects, Effect, Severity

__all__ = [
    "EFFECTS",
    "EFFECT_WORDS",
    "Defect",
    "Defects",
    "Effect",
    "Severity",
    "of_annotations",
    "of_checks",
    "of_lines",
    "of_queues",
    "of_readings",
    "of_texts",
]
