"""The reserve fund: years of losses, layers, capital alone and pooled, premiums, and paths."""
