"""Training curves in, diagnoses out; pure: no IO, no clock, no randomness, no HTTP."""

from diagnosis.diagnose import diagnose
from diagnosis.reader import read
from diagnosis.report import Report
from diagnosis.run import Curve, Run

__all__ = ["Curve", "Report", "Run", "diagnose", "read"]
