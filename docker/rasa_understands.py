"""The Rasa image's HEALTHCHECK: ends with an error when Rasa cannot tell what a message means. It stores nothing."""

import json
import urllib.request

ADDRESS = "http://127.0.0.1:5005/webhooks/gateway/understand"


def main() -> None:
    asked = json.dumps({"text": "hello", "recent": [], "told": []}).encode()
    request = urllib.request.Request(ADDRESS, data=asked, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        json.load(answer)["risk"]["level"]


if __name__ == "__main__":
    main()
