"""Runs OGC's executable test suites (ETS) against a server and reports what they found."""
