"""Who says what is in the catalog, and which loads brought it."""
