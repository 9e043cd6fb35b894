"""The live partnership: one function a use case, each in one transaction with its record entries."""
