"""A photo, a voice note or a video that a family sent, for whoever may read the message that it came with."""

from flask import Response, abort

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.dossier import dossier
from gateway.media.kinds import PICTURES
from gateway.media.models import Media
from web.console.blueprint import console
from web.console.concern import opened

# Whatever is in the file, the browser runs nothing of it.
SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"


@console.get("/concerns/<reference>/media/<int:media_id>")
def media(reference: str, media_id: int) -> Response:
    """The file itself: a picture is shown, anything else is saved. For anyone who may not see it there is none: 404."""
    with opened(reference) as at:
        shown = dossier(at.session, at.concern, at.staff).media.values()
        one = next((one for several in shown for one in several if one.id == media_id), None)
        if one is None or one.content is None:
            abort(404)
        record(
            at.session, LogEvent.MEDIA_VIEWED, actor=f"staff:{at.staff.id}", concern=at.concern.id,
            message=one.message_id, media=one.id,
        )  # fmt: skip
        return _file(one, one.content)


def _file(one: Media, content: bytes) -> Response:
    kind = str(one.type)
    response = Response(content, mimetype=kind)
    shown = "inline" if kind in PICTURES else "attachment"
    response.headers["Content-Disposition"] = f'{shown}; filename="{one.kind_name}-{one.id}.{kind.rpartition("/")[2]}"'
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
