"""Papers for the office: the same blocks as the report's pages, as documents to edit and to print."""
