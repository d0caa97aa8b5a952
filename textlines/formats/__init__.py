"""Every file that crosses tools: one typed, versioned model each, read and written here alone.

Whatever is read here may come from another machine: it is checked as a stranger's, and each fault
is told with file, line and way out. `docs/formats.md` is printed from these models by
`python -m textlines.formats`.
"""

__all__: tuple[str, ...] = ()
