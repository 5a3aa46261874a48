"""Real calls on the streets of another place: what the platform's rules would have done."""
