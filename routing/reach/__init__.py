"""What is reached in so many seconds, from a point or by many at once; where to stand by."""
