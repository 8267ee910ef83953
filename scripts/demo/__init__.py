"""A database of invented concerns at every stage, to try the console with and to take its pictures from."""
