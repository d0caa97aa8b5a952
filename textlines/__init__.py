"""The ground floor: what two of the three tools (`synth`, `balance`, `train`) need.

Public are the errors that calls of the tools raise on purpose.

    try:
        balance.mix(request)
    except textlines.MendError as error:
        print(error.where, error.what, error.mend, error.exit_code)
"""

from textlines.errors import InputError, MendError, UsageError

__all__ = ["InputError", "MendError", "UsageError"]
