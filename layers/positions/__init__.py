"""Where responders are and were: live positions in, duty, tracks, what is kept of whom."""
