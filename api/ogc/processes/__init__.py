"""OGC API Processes: what each one is called, takes, gives, and does."""
