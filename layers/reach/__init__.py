"""What the responders on duty reach in time, what they don't, and where to stand by."""
