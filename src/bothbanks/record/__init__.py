"""The record: every change appended, provable, signed, and co-signed by every member."""
