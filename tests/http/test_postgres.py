# SPDX-License-Identifier: AGPL-3.0-or-later
"""What only a database server can do to us; nothing where the database is embedded."""
import json
import re
import shutil
import subprocess
import time

from proxy import Proxy

A = '/api/v1'


def break_connections(b):
    subprocess.run(['psql', '-XqAt', b.url, '-c', 'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity '
                    "WHERE application_name LIKE 'daohu%'"], check=True, stdout=subprocess.DEVNULL)


def test_broken_connections_are_made_anew(b):
    if not b.url:
        return
    office = b.client('office')
    for _ in range(3):
        break_connections(b)
        for _ in range(4):  # whichever thread answers
            b.equal(office.get(A + '/households?limit=3').status, 200, 'reads')
        break_connections(b)
        a = office.post(A + '/tasks', {'fields': {'title': '连接断开之后', 'unit': '镇林业站', 'due': '2099-12-31'}})
        b.equal(a.status, 201, 'writes')
        b.equal(office.get(A + f'/tasks/{a.json["no"]}').status, 200, 'and it is there')
    b.equal(b.rows("SELECT count(*) FROM task WHERE title = '连接断开之后'")[0][0], 3, 'each once')


def test_another_writer_is_refused(b):
    if not b.url:
        return
    other = b.folder / 'elsewhere'  # the same county from another folder; from the server's own see test_writing_beside
    shutil.copytree(b.data, other, ignore=shutil.ignore_patterns('daohu.sock'))
    out = b.run('erase', '--data', other, '--person', '341299197609271198', '--reason', 'test', ok=(3,))
    b.check('daohu server pid' in out, 'it says who writes')


def test_a_county_that_is_lost(b):
    """Another process had the lease and wrote: the server writes nothing more, gives no turns and ends."""
    if not b.url:
        return
    key = f"hashtextextended('daohu ' || current_schema() || ' {b.village[:6]}', 0)"
    office = b.client('office')
    other = subprocess.Popen(['psql', '-XqAt', b.url, '-c', "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                              "WHERE application_name LIKE 'daohu%'", '-c', f'SELECT pg_advisory_lock({key})', '-c',
                              "UPDATE counter SET next = next + 1 WHERE name = '(lease)'", '-c', "SELECT 'mine'", '-c',
                              'SELECT pg_sleep(2)'], stdout=subprocess.PIPE, text=True)
    while 'mine' not in other.stdout.readline():
        pass
    a = office.post(A + '/tasks', {'fields': {'title': '丢了', 'unit': '镇林业站', 'due': '2099-12-31'}})
    b.equal(a.status, 503, 'a write')
    other.wait()
    b.equal(b.server.wait(30), 3, 'the server ends')
    b.equal(b.rows("SELECT count(*) FROM task WHERE title = '丢了'")[0][0], 0, 'nothing was written')
    b.start()


def timed(b, call, most, what):
    began = time.monotonic()
    a = call()
    took = time.monotonic() - began
    b.check(took <= most, f'{what}: {took:.1f} s, wanted {most} s at most')
    return a


def away(b, call, most, what):
    a = timed(b, call, most, what)
    b.equal((a.status, a.code, a.headers['Retry-After']), (503, 'DB_AWAY', '5'), what)
    b.check('cannot be reached' in a.json['error']['text'], f'{what}: {a.body!r}')


def cut_off(b, proxy):
    en = {'Accept_Language': 'en'}
    office = b.client('office')
    task = {'fields': {'title': '数据库不通', 'unit': '镇林业站', 'due': '2099-12-31'}}
    b.equal(office.post(A + '/tasks', task).status, 201, 'through the line')
    proxy.frozen = True
    time.sleep(0.1)
    away(b, lambda: b.anonymous().get('/healthz', **en), 3, 'healthz')
    away(b, lambda: b.anonymous().get('/healthz', **en), 0.5, 'healthz, once it is known')
    away(b, lambda: office.get(A + '/households?limit=3', **en), 1, 'reading')
    away(b, lambda: b.anonymous().post(A + '/session', {'login': 'office', 'password': 'x'}, **en), 3, 'signing in')
    b.equal(timed(b, lambda: b.anonymous().get('/office/'), 0.5, 'a page').status, 200, 'a page')
    a = timed(b, lambda: office.post(A + '/tasks', task), 18, 'writing')
    b.equal(a.status, 503, 'writing')
    out = timed(b, lambda: b.run('status', '--data', b.data, ok=(3,)), 14, 'status')
    b.check('cannot be reached' in out, out)
    proxy.frozen = False
    began = time.monotonic()
    while b.anonymous().get('/healthz').status != 200 and time.monotonic() < began + 20:
        time.sleep(0.2)
    while (a := office.post(A + '/tasks', task)).status == 503 and time.monotonic() < began + 40:
        time.sleep(0.2)
    b.equal(a.status, 201, 'writing again')
    b.equal(b.rows("SELECT count(*) FROM task WHERE title = '数据库不通'")[0][0], 2, 'what was told to be written is')


def test_a_server_out_of_reach(b):
    if not b.url:
        return
    config = b.data / 'config'
    kept = config.read_text()
    host, port = re.search(r'@([0-9.]+):(\d+)/', kept).groups()
    proxy = Proxy(host, int(port))
    try:
        config.write_text(kept.replace(f'@{host}:{port}/', f'@127.0.0.1:{proxy.port}/'))
        b.restart()
        before = len(b.log_text())
        cut_off(b, proxy)
        break_connections(b)
        b.equal(b.client('office').get(A + '/households?limit=3').status, 200, 'reads')
        for line in b.log_text()[before:].splitlines():
            b.check(line.startswith('{') and json.loads(line), f'in the log: {line}')
    finally:
        config.write_text(kept)
        b.restart()
        proxy.end()
