"""Writing features: what a body says, checked against its entry, becomes one statement."""
