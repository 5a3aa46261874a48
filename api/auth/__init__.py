"""Who asks: credentials, sessions, sign-in pages, limits, and the log of what was asked."""
