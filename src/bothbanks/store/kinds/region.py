"""What the service knows of its region, and the appraisals it was given."""

from __future__ import annotations

from bothbanks.civic.compact.appraised import Appraised
from bothbanks.civic.compact.members import RegionFacts
from bothbanks.store.interface import Keys, Kind

KINDS = (
    Kind("region", RegionFacts, personal=False),
    Kind("appraisal", Appraised, lambda a: Keys(status=a.value_sha256[:16]), personal=False),
)
