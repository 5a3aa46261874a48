"""The streets as one moves on them: arrays, modes, speeds, closures, where a point lies."""
