# SPDX-License-Identifier: AGPL-3.0-or-later
"""What comes over the wire: heads that could mean two things, slow senders, odd paths."""
import gzip
import http.client
import json
import pathlib
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
    a = b.anonymous().get('/office/', Accept_Encoding='gzip, deflate, br')
    b.equal((a.status, a.headers.get('Content-Encoding')), (200, 'gzip'), 'the page')
    for accept in (None, '', 'identity', 'br', 'gzip;q=0', 'gzip; q=0.0, *;q=1', '*;q=0'):
        plain = b.anonymous().get('/office/', **({} if accept is None else {'Accept_Encoding': accept}))
        b.equal((plain.headers.get('Content-Encoding'), plain.body), (None, gzip.decompress(a.body)),
                f'the page for Accept-Encoding {accept!r}')
    for accept in ('GZIP', 'br, gzip;q=0.5', '*', 'deflate;q=0, *;q=0.001'):
        packed = b.anonymous().get('/office/', Accept_Encoding=accept)
        b.equal((packed.headers.get('Content-Encoding'), packed.headers.get('Vary')),
                ('gzip', 'Accept-Encoding'), f'the page for Accept-Encoding {accept!r}')
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
        of_requests = [x for x in text.splitlines() if 'connection to server at' not in x]  # the database's address
        b.check(not any(word in x for x in of_requests), f'the log holds {word!r}')
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


def upload(c, path, parts, mark='m4rk', end=True, **headers):
    body = b''.join(f'--{mark}\r\nContent-Disposition: form-data; name="{name}"'.encode() +
                    (f'; filename="{file}"'.encode() if file is not None else b'') + b'\r\n\r\n' + data + b'\r\n'
                    for name, file, data in parts)
    return c.call('POST', path, body + (f'--{mark}--\r\n'.encode() if end else b''),
                  Content_Type=f'multipart/form-data; boundary={mark}', **headers)


def test_upload_limits(b):
    c = b.client('office')
    no = b.rows('SELECT min(no) FROM household')[0][0]
    papers, ledgers = f'/api/v1/households/{no}/papers', '/api/v1/ledgers'
    pdf = b'%PDF-1.4\n' + b'x' * 100
    for what, got, want in (
            ('21 MB', upload(c, papers, [('file', 'a.pdf', b'%PDF-1.4\n' + b'x' * (21 << 20))]), (413,)),
            ('a hundred files', upload(c, ledgers, [('file', f'{i}.csv', b'a') for i in range(101)]), (413, 400, 422)),
            ('a hundred fields', upload(c, ledgers, [(f'f{i}', None, b'a') for i in range(101)]), (413, 400, 422)),
            ('a long field', upload(c, ledgers, [('as', None, b'a' * (2 << 20)), ('file', 'a.csv', b'a')]), (413, 422)),
            ('a long part head', upload(c, ledgers, [('file', 'a' * 9000, b'a')]), (400, 413)),
            ('no end', upload(c, papers, [('file', 'a.pdf', pdf)], end=False), (400,)),
            ('no boundary', c.call('POST', papers, b'x', Content_Type='multipart/form-data'), (400, 415)),
            ('a long boundary', upload(c, papers, [('file', 'a.pdf', pdf)], mark='m' * 71), (400, 415)),
            ('nothing', upload(c, ledgers, []), (400, 422))):
        b.check(got.status in want, f'{what}: {got.status} {got.body[:120]!r}')
    for name in ('../../../../tmp/daohu-was-here.csv', '/etc/daohu-was-here.csv', '..\\..\\x.csv', '.', '..', '/',
                 'a\\"b.csv', 'x' * 3000 + '.csv'):
        a = upload(c, ledgers, [('file', name, '户编号,走访日期\n'.encode())])
        b.check(a.status in (202, 400, 413, 422), f'{name[:30]}: {a.status}')
    b.check(not any(p.exists() for p in (b.folder / 'daohu-was-here.csv', b.data / 'daohu-was-here.csv',
                                         pathlib.Path('/tmp/daohu-was-here.csv'),
                                         pathlib.Path('/etc/daohu-was-here.csv'))), 'a file of theirs lies outside')
    # one that announces more than is taken is refused before it is sent
    head = (f'POST {papers} HTTP/1.1\r\nHost: x\r\nCookie: {c.cookie}\r\nX-CSRF-Token: {c.csrf}\r\n'
            'Content-Type: multipart/form-data; boundary=m\r\nContent-Length: 900000000\r\n\r\n').encode()
    out, closed = b.raw(head, timeout=5)
    b.equal((status(out), closed), (413, True), '900 MB announced')
    for _ in range(50):
        left = list((b.data / 'tmp').glob('upload-*'))
        if not left:
            return
        time.sleep(0.1)
    b.check(False, f'left behind: {left}')


def test_sign_in_from_elsewhere(b):
    """Somebody else's page must not sign a browser in, with whatever account."""
    body = {'login': 'office', 'password': PASSWORD}
    a = b.anonymous().call('POST', '/api/v1/session', body, Origin='http://elsewhere.example')
    b.check(a.status == 403 and 'Set-Cookie' not in a.headers, f'{a.status}')
    a = b.anonymous().call('POST', '/api/v1/session', body, Origin=f'http://127.0.0.1:{b.port}')
    b.equal(a.status, 200, 'from our own')
