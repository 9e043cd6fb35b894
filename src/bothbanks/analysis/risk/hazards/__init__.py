"""Hazards: how often how much rain, river flood, storm and heat, and what each does to every member."""
