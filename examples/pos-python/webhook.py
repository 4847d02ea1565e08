"""Receives webhooks and verifies their signatures, with Python's standard library alone.

WEBHOOK_SECRET=whsec_… python3 examples/pos-python/webhook.py [port]
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def verified(secret, headers, body):
    """The event, if the raw body was signed with the secret within the last five minutes; otherwise None."""
    message_id, sent_at = headers.get('webhook-id', ''), headers.get('webhook-timestamp', '')
    if not sent_at.isdecimal() or abs(time.time() - int(sent_at)) > 300:
        return None
    key = base64.b64decode(secret.removeprefix('whsec_'))
    digest = hmac.new(key, f'{message_id}.{sent_at}.'.encode() + body, hashlib.sha256).digest()
    expected = b'v1,' + base64.b64encode(digest)
    # Several while the secret is being rotated: one that fits is enough.
    signatures = headers.get('webhook-signature', '').encode().split()
    return json.loads(body) if any(hmac.compare_digest(one, expected) for one in signatures) else None


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get('content-length', 0)))
        event = verified(os.environ['WEBHOOK_SECRET'], self.headers, body)
        if event:
            # A real receiver stores it here, answers, and then processes it: at most ten seconds may pass.
            print(event['type'], event['sequence'], event['data']['id'], flush=True)
        self.send_response(204 if event else 400)
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == '__main__':
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    server = ThreadingHTTPServer(('127.0.0.1', port), Receiver)
    print(f'Listening at http://127.0.0.1:{port}', flush=True)
    server.serve_forever()
