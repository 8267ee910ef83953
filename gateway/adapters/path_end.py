"""The end of the watched path: a stand-in provider for what synthetic messages cause. It reaches nobody."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from gateway.db import now
from gateway.deliveries.models import Delivery


class PathEnd:
    """Keeps the last delivery of each reason as `<reason>.json`, safely on the disk before it counts as sent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, delivery: Delivery) -> str:
        reference = f"path-{delivery.id}"
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._file(delivery).open("w", encoding="utf-8") as file:
            json.dump({"reference": reference, "at": now().isoformat()}, file)
            file.flush()
            os.fsync(file.fileno())
        return reference

    def find(self, delivery: Delivery) -> Sequence[str]:
        """Sending it twice does no harm."""
        return []

    def _file(self, delivery: Delivery) -> Path:
        return self._folder / f"{delivery.reason}.json"
