"""Our site as ``serve`` runs it, on one process: ``site_ours.py REGION DATA APPRAISAL PORT [bare]``.

``prepare`` only imports the folder, as the first start does; a later start carries none of that. ``bare``
leaves the cache of public answers out, so that the work of every answer is measured.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from bothbanks.app.partnership.appraisals import take_appraisal
from bothbanks.app.partnership.opening import open_partnership
from bothbanks.site.app import create_site
from bothbanks.site.serving import fronted

if __name__ == "__main__":
    region, data, appraisal, port = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    if "prepare" in sys.argv:
        partnership = open_partnership(region, data)
        take_appraisal(partnership, appraisal)
        partnership.store.close()
        raise SystemExit(0)
    partnership = open_partnership(None, data)
    site = fronted(partnership, create_site(partnership))
    served = site.app if "bare" in sys.argv else site
    uvicorn.run(served, port=port, access_log=False, log_level="error", backlog=2048)  # type: ignore[arg-type]
