# SPDX-License-Identifier: AGPL-3.0-or-later
"""What comes over the wire: heads that could mean two things, slow senders, odd paths."""
import http.client
import json
import re
import socket
import ssl
import subprocess
import threading
import time

from served import Client, PASSWORD

GET = b'GET /healthz HTTP/1.1\r\nHost: x\r\n'


def status(out):
    return int(out.split(b' ')[1]) if out.startswith(b'HTTP/1.1 ') else 0


BAD = {
    'two lengths': b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n{}xx',
    'the same length twice': b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}',
    'length as a list': b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 2, 2\r\n\r\n{}',
    'length with a sign': b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: +2\r\n\r\n{}',
    'length with blanks': b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 2 \r\n\r\n{}',
    'length in hexadecimal': b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 0x2\r\n\r\n{}',
    'negative length': b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}',
    'length and chunks': b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'chunks and length': b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n',
    'gzip, chunked and length': b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 2\r\n\r\n{}',
    'blank before the colon': GET + b'Content-Length : 0\r\n\r\n',
    'folded line': GET + b'X-A: b\r\n c\r\n\r\n',
    'folded length': b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n 2\r\n\r\n{}',
    'folded first line': b'GET /healthz HTTP/1.1\r\n Host: x\r\n\r\n',
    'bare LF': b'GET /healthz HTTP/1.1\nHost: x\n\n',
    'one bare LF': GET + b'X-A: b\nX-C: d\r\n\r\n',
    'NUL in a value': GET + b'X-A: b\0c\r\n\r\n',
    'NUL in a name': GET + b'X\0A: b\r\n\r\n',
    'control character in a value': GET + b'X-A: b\x01c\r\n\r\n',
    'DEL in a value': GET + b'X-A: b\x7fc\r\n\r\n',
    'lone CR in a value': GET + b'X-A: b\rContent-Length: 5\r\n\r\n',
    'name with a blank': GET + b'X A: b\r\n\r\n',
    'name with brackets': GET + b'X(A): b\r\n\r\n',
    'no name': GET + b': b\r\n\r\n',
    'no colon': GET + b'nothing\r\n\r\n',
    'no Host': b'GET /healthz HTTP/1.1\r\n\r\n',
    'two Hosts': GET + b'Host: y\r\n\r\n',
    'a Host that is none': b'GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n',
    'two blanks': b'GET  /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
    'blank behind the version': b'GET /healthz HTTP/1.1 \r\nHost: x\r\n\r\n',
    'blank in the target': b'GET /heal thz HTTP/1.1\r\nHost: x\r\n\r\n',
    'tab in the target': b'GET /heal\tthz HTTP/1.1\r\nHost: x\r\n\r\n',
    'an unknown version': b'GET /healthz HTTP/1.2\r\nHost: x\r\n\r\n',
    'HTTP/2': b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'an absolute target': b'GET http://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n',
    'an asterisk': b'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
    'a fragment': b'GET /healthz#x HTTP/1.1\r\nHost: x\r\n\r\n',
    'Latin-1 in the target': b'GET /healthz?q=\xe9 HTTP/1.1\r\nHost: x\r\n\r\n',
    'half an escape': b'GET /api/v1/households?q=%4 HTTP/1.1\r\nHost: x\r\n\r\n',
    'an escape that is none': b'GET /api/v1/households?q=%zz HTTP/1.1\r\nHost: x\r\n\r\n',
    'an escaped NUL': b'GET /api/v1/households?q=%00 HTTP/1.1\r\nHost: x\r\n\r\n',
    'escaped bytes that are no UTF-8': b'GET /api/v1/households?q=%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n',
    'an escaped line end': b'GET /api/v1/households%0d%0aX:1 HTTP/1.1\r\nHost: x\r\n\r\n',
    'a body to a GET': b'GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}',
    'a hundred fields': GET + b''.join(b'X-%d: y\r\n' % i for i in range(100)) + b'\r\n',
    'a long field': GET + b'X-A: ' + b'y' * 20000 + b'\r\n\r\n',
    'a long target': b'GET /' + b'a' * 8000 + b' HTTP/1.1\r\nHost: x\r\n\r\n',
    'a method that is none': b'G@T /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
}
REFUSED = (400, 411, 413, 414, 431, 501, 505)


def test_bad_heads(b):
    for what, head in BAD.items():
        # a request smuggled behind it must not be answered
        out, closed = b.raw(head + b'GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n', timeout=3)
        code = status(out)
        b.check(code in REFUSED or (not out and closed), f'{what}: {out[:60]!r}')
        b.check(closed, f'{what}: the connection stays open')
        b.check(b'openapi' not in out, f'{what}: what came behind it was answered')


def test_chunks_need_a_length(b):
    out, closed = b.raw(b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
                        b'2\r\n{}\r\n0\r\n\r\n', timeout=3)
    b.equal((status(out), closed), (411, True), 'chunks alone')


def test_good_heads(b):
    good = {
        'as usual': GET + b'\r\n',
        'no blank behind the colon': b'GET /healthz HTTP/1.1\r\nHost:x\r\n\r\n',
        'an empty value': GET + b'X-A:\r\n\r\n',
        'UTF-8 in a value': GET + 'X-A: 到户\r\n\r\n'.encode(),
        'HTTP/1.0': b'GET /healthz HTTP/1.0\r\n\r\n',
        'a query': b'GET /healthz?lang=en HTTP/1.1\r\nHost: x\r\n\r\n',
        'in pieces': None,
    }
    for what, head in good.items():
        pieces = None
        if head is None:
            whole = GET + b'Connection: close\r\n\r\n'
            pieces = [whole[i:i + 7] for i in range(0, len(whole), 7)]
        out, _ = b.raw(head, timeout=1, pieces=pieces)
        b.equal(status(out), 200, what)


def test_two_requests_in_one_packet(b):
    out, _ = b.raw(GET + b'\r\n' + GET + b'Connection: close\r\n\r\n', timeout=3)
    b.equal(out.count(b'HTTP/1.1 200'), 2, 'answers')


def test_paths(b):
    for path, want in {
            '/api/v1/../healthz': 404, '/%2e%2e/healthz': 404, '/api/v1/households/..%2f..%2fetc': 404,
            '/office/../../etc/passwd': 404, '/office/%2e%2e/%2e%2e/etc/passwd': 404,
            '/office/..%5c..%5cwindows': 404, '//healthz': 404, '/healthz//': 404, '/./healthz': 404,
            '/nothing': 404, '/api/v1': 404, '/api/v1/households/1/2/3/4/5/6/7/8': 404,
            '/HEALTHZ': 404}.items():
        out, _ = b.raw(f'GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'.encode(), timeout=3)
        b.equal(status(out), want, path)


def test_methods(b):
    a = b.anonymous().call('PATCH', '/api/v1/session', '{}')
    b.equal((a.status, a.code), (405, 'METHOD'), 'PATCH')
    b.equal(a.headers.get('Allow'), 'GET, HEAD, POST, DELETE', 'Allow')
    b.equal(b.anonymous().call('TRACE', '/healthz').status, 405, 'TRACE')
    a = b.anonymous().call('HEAD', '/healthz')
    b.equal((a.status, a.body), (200, b''), 'HEAD')


def test_header_injection(b):
    """What a client sends comes back in no header."""
    c = b.client('admin')
    for text in ('x\r\nX-Evil: 1', 'x%0d%0aX-Evil:%201'):
        a = c.get('/api/v1/households', Accept_Language=text.replace('\r\n', ' '))
        b.check('X-Evil' not in a.headers, text)
    a = c.post('/api/v1/users', {'fields': {'login': 'a\r\nX-Evil: 1', 'role': 'office'}})
    b.equal(a.status, 422, 'a line end in a login')


def test_bodies(b):
    c = b.client('admin')
    url = '/api/v1/users'
    for what, body, want in (
            ('no JSON', 'login=x', 400), ('half', '{"fields":', 400), ('a list', '[]', 400),
            ('twice', '{"fields":{},"fields":{}}', 400), ('deep', '[' * 50000 + ']' * 50000, 400),
            ('NUL', '{"fields":{"login":"a\\u0000b"}}', 400), ('lone surrogate', '{"fields":{"login":"\\ud800"}}', 400),
            ('rest', '{"fields":{}}x', 400), ('bytes', b'{"fields":{"login":"\xff"}}', 400),
            ('unknown member', '{"fields":{"login":"abc","role":"office"},"more":1}', 422),
            ('unknown field', '{"fields":{"login":"abc","role":"office","more":1}}', 422),
            ('number for text', '{"fields":{"login":5,"role":"office"}}', 422),
            ('object for text', '{"fields":{"login":{},"role":"office"}}', 422),
            ('empty', '', 422), ('no fields', '{}', 422)):
        a = c.call('POST', url, body)
        b.equal(a.status, want, what)
    a = c.call('POST', url, 'login=x', Content_Type='application/x-www-form-urlencoded')
    b.equal((a.status, a.code), (415, 'MEDIA_TYPE'), 'a form')
    a = c.call('POST', url, 'x' * (1 << 20) + 'x')
    b.equal((a.status, a.code), (413, 'TOO_LARGE'), 'a large body')
    a = b.anonymous().call('POST', '/api/v1/session', json.dumps({'login': 'x' * 5000, 'password': 'y'}))
    b.equal(a.status, 413, 'a large sign-in')


def test_all_errors_at_once(b):
    a = b.client('admin').get('/api/v1/journal?limit=99999&after=-1&x=1')
    fields = {f['field']: f['code'] for f in a.json['error']['fields']}
    b.equal(fields, {'limit': 'TOO_LARGE', 'after': 'CELL_NUMBER', 'x': 'UNKNOWN_INPUT'}, 'faults')
    zh = b.client('admin').get('/api/v1/households?limit=x').json['error']['text']
    en = b.client('admin').get('/api/v1/households?limit=x&lang=en').json['error']['text']
    b.check(zh != en and en.isascii(), f'languages: {zh!r} {en!r}')


def test_headers_of_safety(b):
    for path in ('/healthz', '/office/', '/api/v1/meta', '/nothing'):
        h = b.anonymous().get(path).headers
        for name in ('X-Content-Type-Options', 'Content-Security-Policy', 'Referrer-Policy'):
            b.check(h.get(name), f'{path}: no {name}')
        csp = h.get('Content-Security-Policy', '')
        b.check('unsafe-inline' not in csp.replace("style-src-attr 'unsafe-inline'", '') and
                'unsafe-eval' not in csp and "frame-ancestors 'none'" in csp, f'{path}: {csp}')
    b.check('no-store' in b.client('admin').get('/api/v1/meta').headers['Cache-Control'], 'cached data')


def test_pages(b):
    a = b.anonymous().get('/')
    b.equal((a.status, a.headers.get('Location')), (302, '/office/'), 'the root')
    a = b.anonymous().get('/office')
    b.equal((a.status, a.headers.get('Location')), (302, '/office/'), 'the folder')
    a = b.anonymous().get('/office/')
    b.equal((a.status, a.headers.get('Content-Encoding')), (200, 'gzip'), 'the page')
    again = b.anonymous().get('/office/', If_None_Match=a.headers['ETag'])
    b.equal((again.status, again.body), (304, b''), 'the page again')


def test_slow_heads_are_cut_off(b):
    """Some thousand slow senders must not keep others out; each ends in time."""
    b.restart('--idle', '2')
    slow = []
    for _ in range(100):
        s = socket.create_connection(('127.0.0.1', b.port), timeout=30)
        s.sendall(b'GET /healthz HTTP/1.1\r\nHost: x\r\n')
        slow.append(s)
    began = time.time()
    ended = False
    while time.time() - began < 20 and not ended:
        try:
            for s in slow:
                s.sendall(b'X')  # one byte at a time keeps any other clock from running out
        except OSError:
            ended = True
        time.sleep(0.5)
        b.equal(b.anonymous().get('/healthz').status, 200, 'others meanwhile')
    b.check(ended and time.time() - began < 15, f'still open after {time.time() - began:.0f} s')
    for s in slow:
        s.close()
    s = socket.create_connection(('127.0.0.1', b.port), timeout=30)
    s.sendall(b'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
              b'Content-Length: 4000\r\n\r\n{')
    began = time.time()
    ended = False
    while time.time() - began < 20 and not ended:
        try:
            s.sendall(b' ')
        except OSError:
            ended = True
        time.sleep(0.3)
    b.check(ended, 'a slow body is waited for')
    s.close()
    b.restart()


def test_many_from_one_address(b):
    many = []
    refused = False
    for _ in range(400):
        s = socket.socket()
        s.settimeout(5)
        s.connect(('127.0.0.1', b.port))
        many.append(s)
    time.sleep(0.3)
    for s in many:
        try:
            s.sendall(GET + b'\r\n')
        except OSError:
            refused = True
    for s in many:
        try:
            refused |= s.recv(100) == b''
        except OSError:
            refused = True
    for s in many:
        s.close()
    b.check(refused, '400 connections from one address were all served')
    for _ in range(50):
        try:
            if b.anonymous().get('/healthz').status == 200:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    b.check(False, 'nobody is served afterwards')


def test_stop_finishes_what_it_began(b):
    """A sign-in takes half a second; the server is told to stop in the middle of it."""
    got = []

    def sign_in():
        got.append(Client(b, 'leader').sign_in().status)

    t = threading.Thread(target=sign_in)
    t.start()
    time.sleep(0.15)
    began = time.time()
    fault = b.stop()
    t.join()
    b.check(fault is None, f'{fault}')
    b.check(time.time() - began < 25, f'stopping took {time.time() - began:.1f} s')
    b.equal(got, [200], 'the answer under way')
    b.start()


def test_log_holds_nothing_personal(b):
    c = b.client('office')
    c.get('/api/v1/households?limit=7')
    text = b.log_text()
    for word in ('limit=7', 'limit', c.cookie.split('=')[1], '127.0.0.1', 'Test office'):
        b.check(word not in text, f'the log holds {word!r}')
    b.check('"route":"household_list"' in text, 'no access log')


def test_metrics(b):
    b.anonymous().get('/healthz')
    text = b.anonymous().get('/metrics').body.decode()
    for word in ('daohu_requests_total{route="healthz",status="2xx"}', 'daohu_request_seconds_bucket',
                 'daohu_writer_queue', 'daohu_database_bytes'):
        b.check(word in text, f'no {word}')


def test_openapi(b):
    api = b.anonymous().get('/openapi.json').json
    b.equal(api['openapi'], '3.1.0', 'version')
    ids = [op['operationId'] for p in api['paths'].values() for op in p.values()]
    b.equal(len(ids), len(set(ids)), 'operations')
    text = json.dumps(api)
    for ref in set(re.findall(r'#/components/schemas/(\w+)', text)):
        b.check(ref in api['components']['schemas'], f'{ref} is not described')


def test_tls(b):
    """TLS in the program: the cookie is Secure, old versions are refused."""
    cert, key = b.folder / 'cert.pem', b.folder / 'key.pem'
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                    '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    b.restart('--tls-cert', cert, '--tls-key', key)
    context = ssl.create_default_context(cafile=cert)
    context.check_hostname = False
    c = http.client.HTTPSConnection('127.0.0.1', b.port, context=context, timeout=60)
    c.request('POST', '/api/v1/session', json.dumps({'login': 'office', 'password': PASSWORD}),
              {'Content-Type': 'application/json'})
    r = c.getresponse()
    b.check(r.status == 200 and '; Secure' in r.headers['Set-Cookie'], f'{r.status} {r.headers["Set-Cookie"]}')
    b.check(r.headers.get('Strict-Transport-Security'), 'no Strict-Transport-Security')
    r.read()
    c.close()
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers('ALL:@SECLEVEL=0')
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    try:
        old.wrap_socket(socket.create_connection(('127.0.0.1', b.port), timeout=10)).close()
        b.check(False, 'TLS 1.1 is taken')
    except (ssl.SSLError, OSError):
        pass
    out, _ = b.raw(GET + b'\r\n', timeout=3)
    b.check(not out.startswith(b'HTTP/1.1 200'), 'plain HTTP on the TLS port')
    b.restart()


def test_left_uploads_are_removed(b):
    left = b.data / 'tmp' / 'upload-abcdef'
    left.write_text('of a run that was killed')
    b.restart()
    b.check(not left.exists(), 'an upload of an earlier run is still there')
