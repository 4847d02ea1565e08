"""A till over REST, with Python's standard library alone: it sells, survives a lost answer, and refunds a part.

python3 examples/pos-python/till.py [receipt number] [seconds to wait for an outcome]
"""

import http.client
import json
import os
import sys
import time
import urllib.request
import uuid
from pathlib import Path

DATA = Path(os.environ.get('DATA_DIR', '.data'))
URL = os.environ.get('GATEWAY_URL', f"http://127.0.0.1:{os.environ.get('PORT', '3000')}")
ATTEMPTS = DATA / 'till-attempts'
# What the gateway may take for an answer. The till waits five seconds longer: it must not hang up first.
WAIT = 4


class Refused(Exception):
    """It was certainly not done."""


class Unknown(Exception):
    """Nobody knows yet. It must not be sold again; the same attempt may be repeated at any time."""


class AsItCame(urllib.request.HTTPErrorProcessor):
    """Refusals are answers, too; and a redirect is not followed: its GET would get a 200 that is not about the sale."""

    def http_response(self, request, response):
        return response

    https_response = http_response


wire = urllib.request.build_opener(AsItCame)


def call(method, path, body=None, key=None):
    """Sends one request; returns status, headers and document, or (None, {}, None) if no answer came."""
    headers = {'Authorization': f'Bearer {api_key()}', 'Gateway-Connection': 'uds', 'Accept-Language': 'en'}
    headers |= {'Content-Type': 'application/json', 'Prefer': f'wait={WAIT}'}
    if key:
        headers['Idempotency-Key'] = key
    request = urllib.request.Request(f'{URL}/v1{path}', body and body.encode(), headers, method=method)
    try:
        with wire.open(request, timeout=WAIT + 5) as answer:
            # A proxy's page proves nothing.
            if answer.status < 300 or answer.headers.get_content_type() == 'application/problem+json':
                return answer.status, answer.headers, json.load(answer)
    except (OSError, ValueError, http.client.HTTPException):
        pass
    return None, {}, None


def read(path, body):
    """A look-up or a quote: it changes nothing, so a failure needs no care."""
    status, _, document = call('POST', path, json.dumps(body))
    if status != 200:
        raise Refused(document['userMessage'] if document else f'The gateway does not answer at {URL}.')
    return document


def write(name, path, body, patience):
    """Does it once, however often the till asks. An attempt of an earlier run is repeated as it was."""
    file = ATTEMPTS / f'{name}.json'
    if not file.exists():
        store(file, {'key': f'till-9/{name}/{uuid.uuid4()}', 'path': path, 'body': json.dumps(body)})
    attempt = json.loads(file.read_text())
    end, pause = time.monotonic() + patience, 1
    while True:
        status, headers, document = call('POST', attempt['path'], attempt['body'], attempt['key'])
        if status in (200, 201):
            return document
        # A 202 may say `not-executed`, too: it is then still to be sent.
        if status not in (None, 202) and document['outcome'] == 'not-executed' and not document['retryable']:
            file.unlink()  # The next attempt needs a new key.
            raise Refused(document['userMessage'])
        pause = max(pause, int(headers.get('Retry-After', 0)))
        if time.monotonic() + pause > end:
            raise Unknown((document or {}).get('userMessage') or 'Checking whether it went through.')
        time.sleep(pause)
        pause = min(pause * 2, 60)


def store(file, attempt):
    """On the disk before anything is sent: the till may crash at any moment."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = file.with_suffix('.new')
    with scratch.open('w') as out:
        json.dump(attempt, out)
        out.flush()
        os.fsync(out.fileno())
    scratch.replace(file)


def api_key():
    return os.environ.get('API_KEY') or (DATA / 'demo-key').read_text().strip()


def rub(amount):
    return {'amount': amount, 'currency': 'RUB'}


def main():
    receipt = sys.argv[1] if len(sys.argv) > 1 else f'till-9-{int(time.time())}'
    patience = float(sys.argv[2]) if len(sys.argv) > 2 else 60
    customer = {'identifier': {'type': 'code', 'value': '123456'}}
    bill = {'total': rub('1000.00'), 'redeemPoints': '100'}
    try:
        if not (ATTEMPTS / f'{receipt}.json').exists():  # Otherwise the customer was told the price before.
            quote = read('/quotes', {**customer, 'receipt': bill})
            print('To pay:', quote['payable']['amount'])
            bill['expectedPayable'] = quote['payable']
        sale = write(receipt, '/purchases', {**customer, 'merchantReference': receipt, 'receipt': bill}, patience)
        # A sale that a person settled by hand has no sums.
        print('Sold:', sale['id'], 'to pay', sale['result']['payable']['amount'] if 'result' in sale else '?')
        back = {'merchantReference': f'{receipt}-back', 'amount': rub('300.00')}
        refund = write(f'{receipt}-back', f"/purchases/{sale['id']}/refunds", back, patience)
        print('Refunded: give back', refund.get('returnedMoney', refund['amount'])['amount'])
    except Refused as refusal:
        sys.exit(f'Refused: {refusal}')
    except Unknown as unknown:
        sys.exit(f'{unknown} Do not sell it again. Ask again: till.py {receipt}')


main()
