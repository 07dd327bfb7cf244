# SPDX-License-Identifier: AGPL-3.0-or-later
"""What every test is handed: a served town, a client a role, and how to complain."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import sqlite3
import subprocess
import time

REPO = pathlib.Path(__file__).resolve().parent.parent.parent
AREAS = REPO / 'tests/data/areas/yingshang.csv'
TOWN = '341226115'
PASSWORD = 'Ein-Probewort-7'
ROLES = ('admin', 'office', 'unit', 'village', 'team', 'cadre', 'leader', 'assessor', 'auditor')
SCOPED = ('village', 'team', 'cadre')


def upload(files, **fields):
    """(body, its type) as a browser sends files, (name, bytes) each, and fields beside them."""
    parts = [f'name="{k}"\r\n\r\n{v}'.encode() for k, v in fields.items()]
    parts += [f'name="file"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode() + data
              for name, data in files]
    mark = next(m for m in (f'part-{i}' for i in range(1000)) if not any(m.encode() in p for p in parts))
    body = b''.join(f'--{mark}\r\nContent-Disposition: form-data; '.encode() + p + b'\r\n' for p in parts)
    return body + f'--{mark}--\r\n'.encode(), f'multipart/form-data; boundary={mark}'


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The code of an error, or None."""
        try:
            return self.json['error']['code']
        except (ValueError, KeyError, TypeError):
            return None


class Client:
    """One browser: keeps its cookie and the token its pages send."""

    def __init__(self, served, login=None):
        self.served, self.login, self.cookie, self.csrf = served, login, None, None

    def call(self, method, path, body=None, csrf=True, **headers):
        c = http.client.HTTPConnection('127.0.0.1', self.served.port, timeout=60)
        h = {k.replace('_', '-'): v for k, v in headers.items()}
        if self.cookie:
            h.setdefault('Cookie', self.cookie)
        if csrf and self.csrf and method != 'GET':
            h.setdefault('X-CSRF-Token', self.csrf)
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if body is not None:
            h.setdefault('Content-Type', 'application/json')
        c.request(method, path, body=body.encode() if isinstance(body, str) else body, headers=h)
        r = c.getresponse()
        a = Answer(r.status, r.headers, r.read())
        c.close()
        return a

    def get(self, path, **h):
        return self.call('GET', path, **h)

    def post(self, path, body=None, **h):
        return self.call('POST', path, {} if body is None else body, **h)

    def put(self, path, body=None, **h):
        return self.call('PUT', path, {} if body is None else body, **h)

    def delete(self, path, **h):
        return self.call('DELETE', path, **h)

    def sign_in(self, login=None, password=PASSWORD, **more):
        a = self.call('POST', '/api/v1/session',
                      {'login': login or self.login, 'password': password, **more})
        if a.status == 200:
            self.cookie = a.headers['Set-Cookie'].split(';')[0]
            self.csrf = a.json['csrf']
        return a


class Served:
    schemas = 0  # made on the server so far

    def __init__(self, daohu, folder, practice=None):
        """practice: the day of a folder for practice."""
        self.daohu, self.folder, self.data, self.practice = daohu, folder, folder / 'data', practice
        folder.mkdir(exist_ok=True)
        self.faults, self.server, self.port = [], None, None
        self.clients = {}
        self.url = None  # of a PostgreSQL database, under tests/with-postgres
        if os.environ.get('DAOHU_TEST_DB'):
            Served.schemas += 1
            name = f'http_{os.getpid()}_{Served.schemas}'
            self.url = subprocess.check_output([REPO / 'tests/postgres-schema', name], text=True).strip()
        self.make_town()
        self.start()

    # --- the town ---

    def run(self, *args, stdin='', ok=(0,)):
        r = subprocess.run([self.daohu, '--lang', 'en', *args], input=stdin, text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if r.returncode not in ok:
            raise RuntimeError(f'daohu {args[0]} gave {r.returncode}: {r.stdout[-2000:]}')
        return r.stdout

    def make_town(self):
        town = self.folder / 'town'
        self.run('synth', '--town', TOWN, '--areas', AREAS, '--seed', '3', '--scale', '0.03',
                 '--out', town)
        more = ['--db', self.url] if self.url else []
        if self.practice:
            more += ['--practice-day', self.practice]
        self.run('init', '--data', self.data, '--pack', 'cn-2018', '--areas', AREAS, '--area', TOWN, *more)
        files = [f for f in sorted(town.iterdir())
                 if f.name not in ('answers.csv', 'oddities.csv') and not f.name.startswith('README')]
        self.run('import', '--data', self.data, '--authorisation', 'test', *files, ok=(0, 1))
        villages = [r[0] for r in self.rows(
            'SELECT village, count(*) FROM household GROUP BY village ORDER BY 2 DESC')]
        self.village, self.other_village = villages[0], villages[1]
        self.helper, self.helper_unit = self.rows(
            'SELECT helper, unit FROM duty WHERE helper IS NOT NULL AND unit IS NOT NULL '
            'GROUP BY helper, unit ORDER BY count(*) DESC LIMIT 1')[0]
        for role in ROLES:
            more = []
            if role in ('village', 'team'):
                more = ['--areas', self.village]
            if role == 'cadre':
                more = ['--helper', self.helper, '--unit', self.helper_unit]
            self.run('user', 'add', '--data', self.data, '--login', role, '--role', role, '--name',
                     f'Test {role}', '--password-stdin', *more, stdin=PASSWORD + '\n')

    def rows(self, sql, *values):
        """What the database holds; a value stands where SQL has ?."""
        if self.url:
            return self.rows_of_server(sql, values)
        db = sqlite3.connect(f'file:{self.data}/daohu.db?mode=ro', uri=True, timeout=20)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    def rows_of_server(self, sql, values):
        for v in values:
            if isinstance(v, bytes):
                v = f"'\\x{v.hex()}'::bytea"
            elif isinstance(v, str):
                v = "'" + v.replace("'", "''") + "'"
            sql = sql.replace('?', str(v), 1)
        sql = f"SELECT coalesce(json_agg(row_to_json(r)), '[]') FROM ({sql}) r"
        out = subprocess.run(['psql', '-XqAt', self.url, '-c', sql], check=True, text=True,
                             stdout=subprocess.PIPE).stdout
        return [tuple(r.values()) for r in json.loads(out)]

    def by_hand(self, *statements):
        """As somebody with a database tool would change the data."""
        if self.url:
            subprocess.run(['psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', self.url, '-c', ';'.join(statements)], check=True)
            return
        with contextlib.closing(sqlite3.connect(self.data / 'daohu.db', timeout=20)) as db, db:
            for sql in statements:
                db.execute(sql)

    # --- the server ---

    def start(self, *more):
        self.log = open(self.folder / 'serve.log', 'ab')
        self.server = subprocess.Popen(
            [self.daohu, '--lang', 'en', 'serve', '--data', self.data, '--listen', '127.0.0.1:0',
             *more], stdout=subprocess.PIPE, stderr=self.log)
        line = self.server.stdout.readline().decode()
        found = re.search(r':(\d+)/', line)
        if not found:
            raise RuntimeError(f'serve said {line!r}: {self.log_tail()}')
        self.port = int(found.group(1))
        self.clients = {}

    def alive(self):
        return self.server is not None and self.server.poll() is None

    def stop(self):
        """Ends it as an office would; what is wrong with that, or None."""
        if not self.alive():
            return None
        self.server.send_signal(signal.SIGTERM)
        try:
            status = self.server.wait(60)
        except subprocess.TimeoutExpired:
            return 'the server does not stop'
        tail = self.log_tail()
        if status != 0 or 'Sanitizer' in tail or 'runtime error' in tail:
            return f'the server ended with {status}: {tail}'
        return None

    def restart(self, *more):
        fault = self.stop()
        self.check(fault is None, f'{fault}')
        self.start(*more)

    def kill(self):
        if self.alive():
            self.server.kill()
            self.server.wait()

    def log_text(self):
        return (self.folder / 'serve.log').read_text(errors='replace')

    def log_tail(self):
        path = self.folder / 'serve.log'
        return path.read_text(errors='replace')[-4000:] if path.exists() else ''

    # --- for tests ---

    def client(self, login):
        """Signed in, kept for the whole run."""
        if login not in self.clients:
            c = Client(self, login)
            a = c.sign_in()
            if a.status != 200:
                raise RuntimeError(f'{login} cannot sign in: {a.status} {a.body!r}')
            self.clients[login] = c
        return self.clients[login]

    def anonymous(self):
        return Client(self)

    def raw(self, data, timeout=10, pieces=None):
        """Bytes in, all bytes out until the other side closes or is silent."""
        s = socket.create_connection(('127.0.0.1', self.port), timeout=timeout)
        out = b''
        closed = False
        try:
            for piece in pieces or [data]:
                s.sendall(piece)
                if pieces:
                    time.sleep(0.05)
            while True:
                got = s.recv(65536)
                if not got:
                    closed = True
                    break
                out += got
        except (socket.timeout, ConnectionError):
            closed = closed or False
        finally:
            s.close()
        return out, closed

    def check(self, good, text):
        if not good:
            self.faults.append(text)
        return good

    def equal(self, got, want, what):
        return self.check(got == want, f'{what}: {got!r}, wanted {want!r}')
