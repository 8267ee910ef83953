"""Leave out of a pinned requirements file what only a graphics card needs, and pin torch to its CPU build.

python3 scripts/cpu_only.py requirements/training.txt
"""

import re
import sys
from pathlib import Path

# torch 2.13.0+cpu for Python 3.11 on Linux, x86_64.
TORCH_CPU = "6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b"
ENTRY = re.compile(r"^(?P<name>[a-z0-9-]+)==(?:.*\\\n)+.*\n(?:    #.*\n)*", re.MULTILINE)
GRAPHICS = ("nvidia-", "cuda-", "triton")


def without_graphics(text: str) -> str:
    """The file without the packages of graphics cards, torch with the CPU build's hash alone."""

    def kept(entry: re.Match[str]) -> str:
        if entry["name"].startswith(GRAPHICS):
            return ""
        if entry["name"] == "torch":
            return entry.group().split("\\\n")[0] + f"\\\n    --hash=sha256:{TORCH_CPU}\n"
        return entry.group()

    return ENTRY.sub(kept, text)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(without_graphics(path.read_text(encoding="utf-8")), encoding="utf-8")
