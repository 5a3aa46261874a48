"""Streets, closures and speeds in the database, and their arrays in shared memory."""
