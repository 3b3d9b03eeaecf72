"""A service beside ours that needs no model: `python -m tests.fake_service PROVIDER CALLS PORT`.

It asks the provider CALLS times for an answer and says what came.
"""

import http.client
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Handler(BaseHTTPRequestHandler):
    """GET /search says that nothing was found, GET /rag what the model said."""

    def do_GET(self) -> None:
        said = self._ask() if self.path.startswith("/rag") else "[]"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *_: object) -> None:
        pass

    def _ask(self) -> str:
        said = ""
        for _ in range(int(sys.argv[2])):
            place = urlsplit(sys.argv[1])
            provider = http.client.HTTPConnection(place.netloc, timeout=10)
            messages = [{"role": "user", "content": "How many cows are there?"}]
            provider.request("POST", place.path, json.dumps({"messages": messages}))
            said = json.load(provider.getresponse())["choices"][0]["message"]["content"]
            provider.close()
        return said


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[3])), Handler).serve_forever()
