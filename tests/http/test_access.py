# SPDX-License-Identifier: AGPL-3.0-or-later
"""Generated from the table of routes: every route, every role, everything foreign."""
import json
import re

from served import ROLES, SCOPED
import objects


def routes(b):
    return json.loads(b.run('describe', 'routes', '--json'))


def parameters(b, route, role):
    """{name: value} for the path's {…}; ok False when the route is not classified."""
    names = re.findall(r'{(\w+)}', route['path'])
    if not names:
        return {}, True, False
    word = route['path'].removeprefix('/api/v1/').split('/')[0]
    for table, foreign in ((objects.SCOPED, True), (objects.OPEN, False)):
        known = table.get(word)
        if known is None or any(n not in known for n in names):
            continue
        values = {n: known[n](b, role) if callable(known[n]) else known[n] for n in names}
        return values, True, foreign
    return {}, False, False


def fill(route, values):
    return re.sub(r'{(\w+)}', lambda m: str(values.get(m.group(1), 1)), route['path'])


def sample_of(schema, depth=0):
    """A value that fits a schema, for bodies that get as far as the handler."""
    kind = schema.get('type')
    if 'enum' in schema:
        return schema['enum'][0]
    if kind == 'object':
        return {k: sample_of(v, depth + 1) for k, v in schema.get('properties', {}).items()
                if k in schema.get('required', ()) and k != 'fields' or depth > 0 and
                k in schema.get('required', ())}
    if kind == 'array':
        return [sample_of(schema['items'], depth + 1)]
    return {'integer': 1, 'boolean': True}.get(
        kind, {'date': '2018-01-02', 'money': '1.00'}.get(schema.get('format'), 'x'))


def body_of(api, route):
    path = api['paths'][route['path']][route['method'].lower()]
    content = path.get('requestBody', {}).get('content', {})
    if 'application/json' not in content:
        return None
    schema = content['application/json']['schema']
    body = sample_of(schema)
    if 'fields' in schema.get('properties', {}):
        body['fields'] = {}
    return body


UPLOAD = ('--part\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n\r\n%PDF-1.4\n'
          '\r\n--part--\r\n')


def uploads(api, route):
    path = api['paths'][route['path']][route['method'].lower()]
    return 'multipart/form-data' in path.get('requestBody', {}).get('content', {})


def requests(route, path, body):
    """The same question with and without everything that may be wrong with it."""
    yield path, body, 'as it should be'
    yield path + '?no_such_input=1', body, 'with an unknown parameter'
    yield path + '?limit=x&after=%27', body, 'with malformed parameters'
    if route['method'] != 'GET':
        yield path, '{"broken', 'with a broken body'
        yield path, '[' * 100000, 'with a deep body'


def test_every_route_is_classified(b):
    for r in routes(b):
        _, ok, _ = parameters(b, r, 'admin')
        b.check(ok, f'{r["id"]}: what {r["path"]} holds stands neither in SCOPED nor in OPEN of objects.py')
        b.check(r['permission'] == 'anybody' or r['roles'], f'{r["id"]}: nobody may call it')
        public = r['path'] in ('/healthz', '/metrics', '/openapi.json', '/api/v1/session')
        b.check(r['permission'] != 'anybody' or public or r['path'].startswith('/public/'),
                f'{r["id"]}: open to anybody')


def test_nobody_signed_in(b):
    api = b.anonymous().get('/openapi.json').json
    for r in routes(b):
        if r['permission'] == 'anybody':
            continue
        values, _, _ = parameters(b, r, 'village')
        path = fill(r, values)
        for where, body, how in requests(r, path, body_of(api, r)):
            for cookie in (None, 'daohu_session=' + 'A' * 43, 'daohu_session=x'):
                h = {'Cookie': cookie} if cookie else {}
                a = b.anonymous().call(r['method'], where, body, **h)
                b.equal((a.status, a.code), (401, 'UNAUTHENTICATED'), f'{r["id"]} {how}, nobody signed in')


def test_roles_without_the_permission(b):
    api = b.anonymous().get('/openapi.json').json
    for r in routes(b):
        if r['permission'] == 'anybody':
            continue
        for role in ROLES:
            if role in r['roles'].split():
                continue
            values, _, _ = parameters(b, r, role)
            for where, body, how in requests(r, fill(r, values), body_of(api, r)):
                for csrf in (True, False):
                    a = b.client(role).call(r['method'], where, body, csrf=csrf)
                    b.equal((a.status, a.code), (403, 'FORBIDDEN'), f'{r["id"]} {how} as {role}')


def test_writing_needs_the_token(b):
    api = b.anonymous().get('/openapi.json').json
    for r in routes(b):
        if r['method'] == 'GET' or r['permission'] == 'anybody':
            continue
        role = r['roles'].split()[0]
        values, _, _ = parameters(b, r, role)
        where, body = fill(r, values), body_of(api, r)
        c = b.client(role)
        for token in (None, '', 'x' * 22, b.client('auditor').csrf if role != 'auditor' else 'y' * 22):
            h = {} if token is None else {'X_CSRF_Token': token}
            a = c.call(r['method'], where, body, csrf=False, **h)
            b.equal((a.status, a.code), (403, 'CSRF'), f'{r["id"]} with token {token!r}')
        a = c.call(r['method'], where, body, Origin='http://elsewhere.example')
        b.equal((a.status, a.code), (403, 'CSRF'), f'{r["id"]} from another house')


def test_what_belongs_to_others(b):
    api = b.anonymous().get('/openapi.json').json
    for r in routes(b):
        for role in SCOPED:
            values, ok, foreign = parameters(b, r, role)
            if role not in r['roles'].split() or not ok or not foreign or None in values.values():
                continue
            body, kind = body_of(api, r), {}
            if uploads(api, r):
                body, kind = UPLOAD, {'Content_Type': 'multipart/form-data; boundary=part'}
            a = b.client(role).call(r['method'], fill(r, values), body, **kind)
            want = (404,) if r['method'] == 'GET' else (404, 422)
            b.check(a.status in want, f'{r["id"]} as {role} with {values}: {a.status} {a.body[:200]!r}')


def test_no_list_shows_what_belongs_to_others(b):
    """Whatever a scoped role can read without naming anything holds nobody else's number."""
    numbers = b.rows('SELECT no, hh_no, village FROM household WHERE hh_no IS NOT NULL')
    own = {r[0] for r in b.rows('SELECT household FROM duty WHERE helper = ?', b.helper)}
    for role in ROLES:
        if role in ('village', 'team'):
            foreign = {n[1] for n in numbers if n[2] != b.village}
        elif role == 'cadre':
            foreign = {n[1] for n in numbers if n[0] not in own}
        elif role in ('unit', 'auditor'):
            foreign = {n[1] for n in numbers}
        else:
            foreign = set()
        for r in routes(b):
            if r['method'] != 'GET' or '{' in r['path'] or r['permission'] == 'anybody':
                continue
            if role not in r['roles'].split():
                continue
            text = b.client(role).get(r['path']).body.decode(errors='replace')
            seen = [n for n in foreign if re.search(rf'(?<!\d){re.escape(n)}(?!\d)', text)]
            b.check(not seen, f'{r["id"]} as {role} shows {len(seen)} households of others')
            full = re.findall(r'(?<!\d)341299\d{11}[\dX](?![\dA-Za-z])', text)
            b.check(not full, f'{r["id"]} as {role} shows full numbers')


def test_scopes_are_not_empty(b):
    """The tests above would be worth little on empty lists."""
    for role in SCOPED + ('office',):
        rows = b.client(role).get('/api/v1/households').json['rows']
        b.check(rows, f'{role} sees no household at all')
        if role in ('village', 'team'):
            b.check(all(r['village'] == b.village for r in rows), f'{role} sees another village')
        first = b.client(role).get(f'/api/v1/households/{rows[0]["no"]}') if rows else None
        b.check(first is None or first.status == 200, f'{role} cannot open an own household')


def test_reading_as_everybody_fails_nowhere(b):
    for r in routes(b):
        if r['method'] != 'GET' or '{' in r['path']:
            continue
        for role in r['roles'].split():
            a = b.client(role).get(r['path'])
            b.check(a.status < 500, f'{r["id"]} as {role}: {a.status} {a.body[:300]!r}')
            a = b.client(role).get(r['path'] + '?no_such_input=1')
            b.equal(a.status, 422, f'{r["id"]} as {role} with an unknown parameter')
