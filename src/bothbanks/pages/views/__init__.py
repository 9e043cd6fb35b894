"""One module a page: each turns findings into the blocks of that page in one language."""
