# SPDX-License-Identifier: AGPL-3.0-or-later
"""A line to a server that can stand still without anybody being told: what is sent into it is taken."""
import select
import socket
import threading


class Proxy:
    def __init__(self, host, port):
        self.to, self.frozen, self.ended = (host, port), False, False
        self.listener = socket.create_server(('127.0.0.1', 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.peer = {}  # each socket's other side
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.ended:
            watched = [] if self.frozen else [self.listener, *self.peer]
            for s in select.select(watched, [], [], 0.02)[0]:
                if s is self.listener:
                    near, far = self.listener.accept()[0], socket.create_connection(self.to)
                    self.peer.update({near: far, far: near})
                elif s in self.peer:
                    self.forward(s)

    def forward(self, s):
        try:
            data = s.recv(65536)
            if data:
                self.peer[s].sendall(data)
                return
        except OSError:
            pass
        other = self.peer.pop(s)
        self.peer.pop(other)
        s.close()
        other.close()

    def end(self):
        self.ended = True
        self.thread.join()
        for s in [self.listener, *self.peer]:
            s.close()
