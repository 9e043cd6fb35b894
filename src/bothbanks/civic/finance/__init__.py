"""Funding sources, cash by fiscal year, outcome grants, procurement, and the double-entry ledger."""
