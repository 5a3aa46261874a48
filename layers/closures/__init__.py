"""Closures and slowdowns: drawn, changed, ended, and laid anew on other streets."""
