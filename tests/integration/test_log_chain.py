"""The log proves itself: rows are chained as they commit, and whatever is done to them afterwards is found."""
import pytest
