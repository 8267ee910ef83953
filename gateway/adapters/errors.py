"""How an attempt to deliver can fail."""


class DeliveryError(Exception):
    """An attempt failed. `code` is short and holds no message text, name or full number, so it may be logged."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Refused(DeliveryError):
    """Trying again would not help: the number or the address cannot take it."""


class Unreachable(DeliveryError):
    """The provider could not be reached or could not take it now: try again later."""
