"""The numbers of rows in addresses."""

from werkzeug.exceptions import NotFound
from werkzeug.routing import IntegerConverter

LARGEST = 2**63 - 1


class RowNumber(IntegerConverter):
    """`<int:…>` of every rule. A number that no row can have is not found, rather than asked for in the database."""

    def to_python(self, value: str) -> int:
        """Not by ValidationError: where another method is allowed too, that ends in a 405."""
        if len(value) > len(str(LARGEST)) or int(value) > LARGEST:
            raise NotFound
        return int(super().to_python(value))
