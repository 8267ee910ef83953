"""How much one sender may ask for: first slowed, and only floods refused. The figures stand in data/limits.yml."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

import yaml
from flask import Flask, current_app, request
from flask_limiter import Limiter
from limits import RateLimitItem, parse
from werkzeug.exceptions import TooManyRequests
from werkzeug.middleware.proxy_fix import ProxyFix

# Requests from these come from a proxy or this machine, not from one family: counting them would slow everybody.
OUR_OWN = [ipaddress.ip_network(block) for block in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]
OUR_OWN += [ipaddress.ip_network(block) for block in ("::1/128", "fc00::/7", "fe80::/10")]


@dataclass(frozen=True)
class Limits:
    """data/limits.yml as read: names to rates."""

    slow: dict[str, RateLimitItem]
    refuse: dict[str, RateLimitItem]

    @classmethod
    def load(cls, path: Path) -> "Limits":
        """Raises OSError, ValueError and KeyError for a file that cannot be used."""
        held = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls(*({name: parse(rate) for name, rate in held[part].items()} for part in ("slow", "refuse")))


def set_up(app: Flask) -> None:
    """Count in this process's memory: another process counts for itself, so a limit is met a little later there."""
    configuration = app.config["SETTINGS"]
    if configuration.trusted_proxies:
        hops = configuration.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    counter = Limiter(_address_or_nothing, storage_uri="memory://", strategy="moving-window", headers_enabled=False)
    counter.init_app(app)
    app.extensions["limits"] = (Limits.load(configuration.data_dir / "limits.yml"), counter)


def over(**senders: str) -> list[str]:
    """Which limits of `slow` a new message of these senders passes, by name: `over(phone="+44…")`."""
    limits, counter = current_app.extensions["limits"]
    if address := _address():
        senders["address"] = address
    return [name for name, who in senders.items() if not counter.limiter.hit(limits.slow[name], "slow", name, who)]


def refuse_floods(name: str, who: str) -> None:
    """Answer 429 when there is far too much under this name of `refuse`."""
    limits, counter = current_app.extensions["limits"]
    if not counter.limiter.hit(limits.refuse[name], "refuse", name, who):
        raise TooManyRequests(retry_after=limits.refuse[name].get_expiry())


def refuse_new_conversations() -> None:
    """Answer 429 to a public address that begins chats faster than any house full of families could."""
    if address := _address():
        refuse_floods("new_conversations", address)


def _address() -> str | None:
    """The sender's public address; of IPv6 the part that one household has. None for one of our own."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return None
    if any(address in block for block in OUR_OWN):
        return None
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def _address_or_nothing() -> str:
    return _address() or ""
