#!/usr/bin/python3
"""Runs a program under a seccomp profile: confine.py PROFILE PROGRAM [ARG...]

PROFILE is a file in Docker's form, or names of system calls separated by
commas. What it does not allow ends the program (SIGSYS) instead of giving an
error, so that nothing is overlooked. libseccomp is called directly.
"""
import ctypes
import json
import os
import sys

ALLOW, KILL = 0x7FFF0000, 0x80000000
ERRNO = 0x00050000
OPS = {"SCMP_CMP_NE": 1, "SCMP_CMP_EQ": 4, "SCMP_CMP_MASKED_EQ": 7}


class Arg(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int),
                ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def library():
    lib = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    lib.seccomp_init.restype = ctypes.c_void_p
    lib.seccomp_init.argtypes = [ctypes.c_uint32]
    lib.seccomp_load.argtypes = [ctypes.c_void_p]
    lib.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint,
        ctypes.POINTER(Arg)]
    lib.seccomp_syscall_resolve_name.argtypes = [ctypes.c_char_p]
    return lib


def profile(text):
    if not os.path.exists(text):
        return [{"names": text.split(","), "action": "SCMP_ACT_ALLOW"}]
    with open(text) as f:
        doc = json.load(f)
    assert doc["defaultAction"] == "SCMP_ACT_ERRNO"
    return doc["syscalls"]


def load(rules):
    lib = library()
    ctx = lib.seccomp_init(KILL)
    assert ctx
    for rule in rules:
        action = (ALLOW if rule["action"] == "SCMP_ACT_ALLOW"
                  else ERRNO | rule["errnoRet"])
        args = [Arg(a["index"], OPS[a["op"]], a["value"], a.get("valueTwo", 0))
                for a in rule.get("args", [])]
        for name in rule["names"]:
            number = lib.seccomp_syscall_resolve_name(name.encode())
            if number < 0:      # not of this architecture
                continue
            r = lib.seccomp_rule_add_array(ctx, action, number, len(args),
                                           (Arg * len(args))(*args))
            assert r == 0, (name, os.strerror(-r))
    r = lib.seccomp_load(ctx)
    assert r == 0, os.strerror(-r)


if __name__ == "__main__":
    load(profile(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])
