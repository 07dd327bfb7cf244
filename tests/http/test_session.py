# SPDX-License-Identifier: AGPL-3.0-or-later
"""Signing in and out, lock-out, passwords, one-time codes."""
import base64
import hmac
import hashlib
import json
import re
import socket
import struct
import time

from served import Client, PASSWORD

S = '/api/v1/session'


def add(b, login, role='auditor', **fields):
    a = b.client('admin').post('/api/v1/users', {'fields': {'login': login, 'role': role, **fields},
                                                 'password': PASSWORD})
    if a.status != 201:
        raise RuntimeError(f'{a.status} {a.body!r}')
    c = Client(b, login)
    c.sign_in()
    a = c.post(S + '/password', {'old': PASSWORD, 'new': PASSWORD + '!'})
    if a.status != 204:
        raise RuntimeError(f'{a.status} {a.body!r}')
    return c


def test_cookie(b):
    a = Client(b, 'office').sign_in()
    cookie = a.headers['Set-Cookie']
    for word in ('HttpOnly', 'SameSite=Strict', 'Path=/'):
        b.check(word in cookie, f'{word} missing: {cookie}')
    b.check('Secure' not in cookie, 'Secure without TLS: the browser would drop it')
    token = cookie.split('=')[1].split(';')[0]
    stored = b.rows('SELECT count(*) FROM session WHERE token = ?', token.encode())
    b.equal(stored[0][0], 0, 'tokens stored as they are')
    raw = base64.urlsafe_b64decode(token + '=')
    found = b.rows('SELECT count(*) FROM session WHERE token = ?', hashlib.sha256(raw).digest())
    b.equal(found[0][0], 1, 'hash of the token')
    b.check('password' not in a.body.decode().lower().replace('passwords', ''), 'the answer names a password')


def test_sign_out(b):
    c = Client(b, 'office')
    c.sign_in()
    b.equal(c.get(S).status, 200, 'signed in')
    b.equal(c.delete(S).status, 204, 'signing out')
    b.equal(c.get(S).status, 401, 'after signing out')


def test_wrong_password_and_unknown_login_look_the_same(b):
    wrong = Client(b).sign_in('leader', 'not this one')
    unknown = Client(b).sign_in('nobody-at-all', 'not this one')
    b.equal((wrong.status, wrong.body), (401, unknown.body), 'answers')
    b.check('Set-Cookie' not in wrong.headers, 'a cookie for nobody')
    Client(b, 'leader').sign_in()


def test_lock_out(b):
    add(b, 'locked.one')
    codes = [Client(b).sign_in('locked.one', f'wrong {i}').status for i in range(6)]
    b.equal(codes, [401] * 6, 'free attempts and the one that locks')
    a = Client(b).sign_in('locked.one', PASSWORD + '!')
    b.equal((a.status, a.code), (429, 'LOCKED_OUT'), 'the right password while locked out')
    b.check(0 < int(a.headers.get('Retry-After', '0')) <= 15, f'Retry-After {a.headers.get("Retry-After")}')
    a = Client(b).sign_in('LOCKED.ONE', PASSWORD + '!')
    b.equal(a.status, 429, 'another spelling')
    before = b.rows("SELECT failed FROM login_guard WHERE kind = 'login' AND name = 'locked.one'")
    b.equal(before[0][0], 6, 'attempts while locked are not counted')
    b.restart()
    until = b.rows("SELECT until FROM login_guard WHERE kind = 'login' AND name = 'locked.one'")[0][0]
    a = Client(b).sign_in('locked.one', PASSWORD + '!')
    if until > time.time() * 1000:  # else the machine is slow and the wait is over
        b.equal(a.status, 429, 'after a restart')
    b.equal(Client(b, 'office').sign_in().status, 200, 'others still sign in')


def test_must_change(b):
    b.client('admin').post('/api/v1/users', {'fields': {'login': 'fresh', 'role': 'office'},
                                             'password': PASSWORD})
    c = Client(b, 'fresh')
    a = c.sign_in()
    b.equal(a.json['user']['must_change'], True, 'must_change')
    a = c.get('/api/v1/households')
    b.equal((a.status, a.code), (403, 'MUST_CHANGE'), 'before the change')
    a = c.post(S + '/password', {'old': 'wrong', 'new': 'another-word-1'})
    b.equal((a.status, a.json['error']['fields'][0]['field']), (422, 'old'), 'wrong old password')
    a = c.post(S + '/password', {'old': PASSWORD, 'new': 'short'})
    b.equal((a.status, a.json['error']['fields'][0]['field']), (422, 'new'), 'short new password')
    b.equal(c.post(S + '/password', {'old': PASSWORD, 'new': 'another-word-1'}).status, 204, 'changing it')
    b.equal(c.get('/api/v1/households').status, 200, 'after the change')


def test_change_ends_other_sessions(b):
    c = add(b, 'twice')
    other = Client(b, 'twice')
    b.equal(other.sign_in(password=PASSWORD + '!').status, 200, 'second sign-in')
    c.post(S + '/password', {'old': PASSWORD + '!', 'new': PASSWORD + '?'})
    b.equal((c.get(S).status, other.get(S).status), (200, 401), 'own and other session')


def test_disabling_ends_sessions(b):
    c = add(b, 'leaving')
    a = b.client('admin').put('/api/v1/users/leaving', {'fields': {'disabled': True}})
    b.equal(a.status, 200, 'disabling')
    b.equal(c.get(S).status, 401, 'a session of a disabled account')
    b.equal(Client(b).sign_in('leaving', PASSWORD + '!').status, 401, 'signing in when disabled')


def test_role_and_scope_follow_at_once(b):
    c = add(b, 'moving', 'village', areas=b.village)
    seen = {r['village'] for r in c.get('/api/v1/households').json['rows']}
    b.equal(seen, {b.village}, 'first village')
    b.client('admin').put('/api/v1/users/moving', {'fields': {'areas': b.other_village}})
    seen = {r['village'] for r in c.get('/api/v1/households').json['rows']}
    b.equal(seen, {b.other_village}, 'after moving')
    b.client('admin').put('/api/v1/users/moving', {'fields': {'areas': None}})
    b.equal(c.get('/api/v1/households').json['rows'], [], 'no area, nothing seen')
    b.client('admin').put('/api/v1/users/moving', {'fields': {'role': 'auditor'}})
    b.equal(c.get('/api/v1/households').status, 403, 'after the role changed')


def code_at(secret, step):
    mac = hmac.new(base64.b32decode(secret), struct.pack('>Q', step), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f'{(struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06d}'


def test_one_time_codes(b):
    add(b, 'coded')
    fault = b.stop()
    b.check(fault is None, f'{fault}')
    secret = b.run('user', 'otp', '--data', b.data, '--login', 'coded').split('secret=')[1].split('&')[0]
    b.start()
    word = PASSWORD + '!'
    a = Client(b).sign_in('coded', word)
    b.equal((a.status, a.code), (401, 'OTP'), 'without a code')
    a = Client(b).sign_in('coded', word, otp='000000' if code_at(secret, 0) != '000000' else '000001')
    b.equal(a.status, 401, 'with a wrong code')
    step = int(time.time()) // 30
    good = code_at(secret, step)
    b.equal(Client(b).sign_in('coded', word, otp=good).status, 200, 'with the right code')
    b.equal(Client(b).sign_in('coded', word, otp=good).status, 401, 'with a code that was used')
    stored = json.dumps([str(r) for r in b.rows("SELECT otp FROM account WHERE login = 'coded'")])
    b.check(secret not in stored, 'the secret lies open in the database')


def test_accounts(b):
    admin = b.client('admin')
    a = admin.post('/api/v1/users', {'fields': {'login': 'x', 'role': 'admin'}})
    b.equal((a.status, a.json['error']['fields'][0]['field']), (422, 'login'), 'a bad login')
    a = admin.post('/api/v1/users', {'fields': {'login': 'somebody', 'role': 'king'}})
    b.equal((a.status, a.json['error']['fields'][0]['field']), (422, 'role'), 'a bad role')
    a = admin.post('/api/v1/users', {'fields': {'login': 'somebody', 'role': 'office', 'password': 'x'}})
    b.equal((a.status, a.json['error']['fields'][0]['field']), (422, 'password'), 'a hash as a field')
    a = admin.post('/api/v1/users', {'fields': {'login': 'somebody', 'role': 'village', 'areas': '999'}})
    b.equal((a.status, a.json['error']['fields'][0]['field']), (422, 'areas'), 'an area that is none')
    a = admin.post('/api/v1/users', {'fields': {'login': 'admin', 'role': 'office'}})
    b.equal(a.status, 422, 'a login that is taken')
    a = admin.post('/api/v1/users', {'fields': {'login': 'made', 'role': 'office'}})
    b.equal(a.status, 201, 'a made password')
    b.equal(Client(b).sign_in('made', a.json['password']).status, 200, 'signing in with it')
    a = admin.put('/api/v1/users/admin', {'fields': {'disabled': True}})
    b.equal(a.status, 422, 'disabling oneself')
    one = next(r for r in admin.get('/api/v1/users').json['rows'] if r['login'] == 'made')
    a = admin.put('/api/v1/users/made', {'fields': {'unit': '学校'}}, If_Match=f'"v{one["version"]}"')
    b.equal((a.status, a.headers.get('ETag')), (200, f'"v{one["version"] + 1}"'), 'change of the version seen')
    a = admin.put('/api/v1/users/made', {'fields': {'unit': '医院'}}, If_Match=f'"v{one["version"]}"')
    b.equal((a.status, a.code), (409, 'CONFLICT'), 'change of an older version')
    b.equal(a.json['current']['unit'], '学校', 'what is there now')
    text = admin.get('/api/v1/users').body.decode()
    b.check('argon2' not in text and '"password"' not in text, 'the list shows hashes')


def test_journal_names_the_user(b):
    add(b, 'noted')
    rows = b.client('admin').get('/api/v1/journal?table=account&limit=5').json['rows']
    b.check(rows and rows[1]['command'] == 'user add' and rows[1]['actor'] == 'admin', f'{rows[:2]}')
    b.check(rows and rows[0]['actor'] == 'noted', f'own change: {rows[:1]}')


def test_journal_verifies(b):
    c = b.client('auditor')
    no = c.post('/api/v1/journal/verify').json['job']
    for _ in range(300):
        job = c.get(f'/api/v1/jobs/{no}').json
        if job['state'] not in ('queued', 'running'):
            break
        time.sleep(0.1)
    b.equal((job['state'], job.get('result', {}).get('whole')), ('done', True), 'verify')
    b.equal(b.client('leader').get(f'/api/v1/jobs/{no}').status, 404, 'a job of somebody else')
    text = c.get(f'/api/v1/jobs/{no}/events').body.decode()
    b.check('event: job' in text and '"state":"done"' in text, f'events: {text[:200]}')


def test_nobody_works_for_those_who_left(b):
    """Thirty ask to sign in and close at once: the passwords of those who still waited are not looked at."""
    def done():
        text = b.anonymous().get('/metrics').body.decode()
        return sum(int(n) for n in re.findall(r'daohu_requests_total\{route="session_login",.*\} (\d+)', text))

    def sessions():
        return b.rows('SELECT count(*) FROM session')[0][0]

    had, began = done(), sessions()
    body = json.dumps({'login': 'office', 'password': PASSWORD}).encode()
    head = f'POST {S} HTTP/1.1\r\nHost: 127.0.0.1:{b.port}\r\nContent-Type: application/json\r\n' \
           f'Content-Length: {len(body)}\r\n\r\n'
    for _ in range(30):
        with socket.create_connection(('127.0.0.1', b.port)) as s:
            s.sendall(head.encode() + body)
    until = time.time() + 60
    while done() < had + 30 and time.time() < until:
        time.sleep(0.1)
    b.equal(done(), had + 30, 'all are done with')
    b.check(sessions() - began <= 15, f'{sessions() - began} of 30 were let in')
    b.equal(Client(b, 'office').sign_in().status, 200, 'who stays is let in')
