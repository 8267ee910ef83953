"""What Twilio is told to say in a call. The sentences stand in data/wording.yml."""

from flask import Response
from twilio.twiml.voice_response import Gather, VoiceResponse

from gateway.wording import say

LANGUAGE = "en-GB"
SECONDS_TO_PRESS = 8


def offer(concern: str, key_url: str) -> Response:
    """Read a concern twice and wait for a key; without one, say that nothing was acknowledged."""
    response = VoiceResponse()
    gather = Gather(num_digits=1, timeout=SECONDS_TO_PRESS, action=key_url, method="POST")
    for _ in range(2):
        gather.say(concern, language=LANGUAGE)
        gather.say(say("call.keys"), language=LANGUAGE)
        gather.pause(length=1)
    response.append(gather)
    response.say(say("call.nothing_pressed"), language=LANGUAGE)
    response.hangup()
    return _xml(response)


def tell(*sentences: str) -> Response:
    """Say these and hang up."""
    response = VoiceResponse()
    for sentence in sentences:
        response.say(sentence, language=LANGUAGE)
    response.hangup()
    return _xml(response)


def done() -> Response:
    """There is nothing to say."""
    return _xml(VoiceResponse())


def _xml(response: VoiceResponse) -> Response:
    return Response(str(response), mimetype="text/xml")
