"""The agreement and what follows from it: text, votes, duties, disputes, law, and who may see what."""
