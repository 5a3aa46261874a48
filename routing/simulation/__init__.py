"""A day's calls on a place's streets, served under one rule or another."""
