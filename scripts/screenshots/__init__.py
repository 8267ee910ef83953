"""Pictures of the console with invented concerns: `make screenshots`."""
