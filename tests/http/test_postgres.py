# SPDX-License-Identifier: AGPL-3.0-or-later
"""What only a database server can do to us; nothing where the database is embedded."""
import shutil
import subprocess

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
