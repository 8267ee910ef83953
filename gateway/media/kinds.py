"""What kind of file something is, by its own first bytes; what a sender claims is not asked."""

import filetype

# Shown in the browser, which has nothing in them to run.
PICTURES = {"image/jpeg", "image/png", "image/gif", "image/webp"}
# Kept as well, and saved as a file when staff want it. Nothing that a computer runs or that carries a script.
OTHERS = {
    "image/heic", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/aac", "audio/x-wav",
    "video/mp4", "video/3gpp", "video/quicktime", "video/webm",
}  # fmt: skip
# Voice notes and clips of older telephones: filetype knows the box they come in only under other names.
_THIRD_GENERATION = (b"ftyp3gp", b"ftyp3g2")


def kind_of(content: bytes) -> str | None:
    """Its media type, or None when it is of no kind that we keep."""
    if content[4:11] in _THIRD_GENERATION:
        return "video/3gpp"
    found = filetype.guess_mime(content)
    return found if found in PICTURES | OTHERS else None


def name_of(kind: str | None) -> str:
    """What staff call it: a key of `media_kinds` in data/wording.yml."""
    return {"image": "photo", "audio": "voice_note", "video": "video"}.get((kind or "").partition("/")[0], "other")
