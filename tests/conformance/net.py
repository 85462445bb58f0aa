"""The network of the suite: two namespaces joined by a veth pair.

The pytest process moves into a namespace of its own ("clients") in which
every address of 198.18.0.0/15 and 2001:db8:1::/48 is local, so that a client
binds to any of them. The servers run in a second one ("servers") at SERVER4
and SERVER6. Both go away with the process; nothing else on the machine is
touched.
"""

import contextlib
import ctypes
import itertools
import os
import socket
import subprocess
import threading

SERVER4, SERVER6 = "203.0.113.1", "2001:db8::1"
GATEWAY4, GATEWAY6 = "203.0.113.2", "2001:db8::2"
CLIENTS4, CLIENTS6 = "198.18.0.0/15", "2001:db8:1::/48"
CLONE_NEWNET = 0x40000000
CLONE_NEWUSER = 0x10000000
IP_FREEBIND = 15
IPV6_FREEBIND = 78

_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count(0x0101)
_lock = threading.Lock()


def _check(result, what):
    if result != 0:
        errno = ctypes.get_errno()
        raise OSError(errno, f"{what}: {os.strerror(errno)}")


def _open_current():
    return os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net",
                   os.O_RDONLY | os.O_CLOEXEC)


def _become_root_of_a_user_namespace():
    """Lets an ordinary user have namespaces, where the kernel allows it."""
    maps = {"uid_map": os.getuid(), "gid_map": os.getgid()}
    _check(_libc.unshare(CLONE_NEWUSER), "user namespace (or run as root)")
    with open("/proc/self/setgroups", "w", encoding="ascii") as f:
        f.write("deny")
    for name, number in maps.items():
        with open(f"/proc/self/{name}", "w", encoding="ascii") as f:
            f.write(f"0 {number} 1")


class Network:
    """Made once per run, before any thread starts."""

    def __init__(self):
        if os.geteuid() != 0:
            _become_root_of_a_user_namespace()
        _check(_libc.unshare(CLONE_NEWNET), "unshare")
        self.servers = _open_current()      # configured from inside
        self._run("link set lo up")
        _check(_libc.unshare(CLONE_NEWNET), "unshare")
        self.clients = _open_current()
        self._run("link set lo up")
        peer = f"/proc/{os.getpid()}/fd/{self.servers}"
        self._run(f"link add veth0 type veth peer name veth1 netns {peer}")
        self._run(f"addr add {GATEWAY4}/24 dev veth0")
        self._run(f"addr add {GATEWAY6}/64 dev veth0 nodad")
        self._run("link set veth0 up")
        self._run(f"route add local {CLIENTS4} dev lo")
        self._run(f"-6 route add local {CLIENTS6} dev lo")
        with self.inside(self.servers):
            self._run(f"addr add {SERVER4}/24 dev veth1")
            self._run(f"addr add {SERVER6}/64 dev veth1 nodad")
            self._run("link set veth1 up")
            self._run(f"route add {CLIENTS4} via {GATEWAY4}")
            self._run(f"-6 route add {CLIENTS6} via {GATEWAY6}")

    @staticmethod
    def _run(arguments):
        subprocess.run(["ip", *arguments.split()], check=True,
                       capture_output=True)

    @contextlib.contextmanager
    def inside(self, namespace):
        """This thread's new sockets and processes belong to NAMESPACE."""
        before = _open_current()
        try:
            _check(_libc.setns(namespace, CLONE_NEWNET), "setns")
            yield
        finally:
            _check(_libc.setns(before, CLONE_NEWNET), "setns")
            os.close(before)

    def command(self, argv):
        """ARGV as a command that runs among the servers."""
        return ["nsenter", f"--net=/proc/{os.getpid()}/fd/{self.servers}",
                *argv]


def fresh4():
    """A client IPv4 address nobody has used yet."""
    with _lock:
        n = next(_numbers)
    return f"198.{18 + (n >> 16 & 1)}.{n >> 8 & 255}.{n & 255}"


def fresh6():
    """A client IPv6 address in a /64 nobody has used yet."""
    with _lock:
        n = next(_numbers)
    return f"2001:db8:1:{n:x}::1"


def bound(kind, source, port=0):
    """A socket of KIND bound to the client address SOURCE ("" for any)."""
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    s = socket.socket(family, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
    if source or port:
        s.bind((source, port))
    return s
