"""The catalog that comes with the product, in our own format."""
