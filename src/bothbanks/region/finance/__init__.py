"""The ``finance/`` part of a region folder: budgets, sources, grants, ventures, purchases."""
