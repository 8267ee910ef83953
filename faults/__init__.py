"""`make faults`: break the service on purpose, thousands of times, and see whether the books still balance."""
