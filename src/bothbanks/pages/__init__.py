"""Pages: the offline report in every language, the drawings in it, and the live site's templates.

Importing this loads nothing, for the site needs no report: see :mod:`bothbanks.pages.report`.
"""
