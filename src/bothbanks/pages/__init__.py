"""Pages: the offline report in every language, and the drawings in it."""

from bothbanks.pages.report import write_briefs, write_report

__all__ = ["write_briefs", "write_report"]
