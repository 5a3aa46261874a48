"""Jobs: work that outlives its request. They live in PostgreSQL and run in the worker."""
