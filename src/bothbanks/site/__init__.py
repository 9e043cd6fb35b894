"""The partnership's site: addresses, forms and documents over HTTP; no formula and no SQL."""
