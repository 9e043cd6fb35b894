"""What people decide and do: states, who may act, what follows. Plain functions that never see the store."""
