"""Both ways to check the log, asked the same: the gateway's own, and the script that stands alone."""

import importlib.util
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from gateway.audit.anchors import read
from gateway.audit.chain import Row, canonical, sealing
from gateway.audit.verify import verify
from gateway.config import ROOT

SCRIPT = ROOT / "scripts" / "verify_log.py"


def _load() -> ModuleType:
    specification = importlib.util.spec_from_file_location("verify_log", SCRIPT)
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


_script = _load()


def export_lines(rows: Iterable[Row]) -> str:
    """The rows as `gateway audit export` writes them."""
    return "".join(f'{{"hash":"{row[9]}","hmac":"{row[10]}","row":{canonical(row[:9])}}}\n' for row in rows)


def faults_by_both(rows: list[Row], anchors: Path, key: bytes, folder: Path) -> list[str]:
    """What both say is wrong. Fails when they do not say the same."""
    own = [str(fault) for fault in verify(rows, read(anchors), key).faults]
    export = folder / "export.jsonl"
    export.write_text(export_lines(rows), encoding="utf-8")
    noted, keyed = _script.Faults(), sealing(key)
    _script.check(_script.read_rows(export), _script.read_anchors(anchors, keyed, noted), keyed, noted)
    assert list(noted.lines()) == own
    return own
