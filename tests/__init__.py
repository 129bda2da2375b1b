"""The tests. They are a package, since one that we install has modules of the same name."""
