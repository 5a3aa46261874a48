"""Where is it: places by name while the caller is still speaking."""
