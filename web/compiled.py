"""Compiled templates, kept from start to start and for every process: compiling those of one page takes seconds."""

import logging
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

logger = logging.getLogger(__name__)


class CompiledTemplates(FileSystemBytecodeCache):
    """Jinja's own cache in a folder of ours. A disk that is full or cannot be written costs time and no page."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            logger.warning("templates.not_kept", extra={"error": type(error).__name__})
        super().__init__(str(folder))

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except OSError:
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        try:
            super().dump_bytecode(bucket)
        except OSError as error:
            logger.warning("templates.not_kept", extra={"error": type(error).__name__})
