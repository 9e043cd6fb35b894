"""Shared words: members, coalitions, quantities, money, parameters, errors."""
