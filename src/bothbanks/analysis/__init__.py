"""The analysis: risk, measures and cooperation as pure functions on arrays.

Import from its rooms: ``cooperation``, ``measures``, ``risk``, and ``findings`` for what they lead to.
"""
