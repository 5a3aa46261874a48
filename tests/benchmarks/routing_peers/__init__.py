"""Other routing engines on the same streets, each installed in a folder of its own."""
