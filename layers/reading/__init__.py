"""Reading a published layer: entry, filter, page → one SQL statement → bytes."""
