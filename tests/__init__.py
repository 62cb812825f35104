"""
Everything that is expected of tsnode; it mirrors ``tsnode/`` file by file.

``TSNODE_HYPOTHESIS`` names how hard the laws are tried: ``ci`` (the default: few examples, the same ones every time)
or ``deep`` (many, other ones every time).
"""

import os

from hypothesis import HealthCheck, settings

# a shared machine may be slow; that is no fault of the code
_PATIENT = (HealthCheck.too_slow,)

settings.register_profile(
    "ci", max_examples=60, derandomize=True, database=None, deadline=None, suppress_health_check=_PATIENT
)
settings.register_profile("deep", max_examples=5000, deadline=None, print_blob=True, suppress_health_check=_PATIENT)
settings.load_profile(os.environ.get("TSNODE_HYPOTHESIS", "ci"))
