"""`synth doctor`: is all in place that rendering needs, and what to do where it is not."""

from synth.doctor.diagnosis import diagnose
from synth.doctor.health import Check, Status, worst

__all__ = ["Check", "Status", "diagnose", "worst"]
