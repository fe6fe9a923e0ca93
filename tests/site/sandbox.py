"""A call of the system that the kernel refuses to a process and to all that it becomes, as a sandbox does (seccomp(2))."""
import ctypes
import os
import struct

STATX = {"x86_64": 332, "aarch64": 291}

_libc = ctypes.CDLL(None, use_errno=True)


def refuse_statx(number):
    """From now on statx() fails with this errno, here and in every program that is executed."""
    call = STATX[os.uname().machine]
    rules = [(0x20, 0, 0, 0),                    # load the number of the call
             (0x15, 0, 1, call),                 # it is statx: the next rule; else the one behind that
             (0x06, 0, 0, 0x50000 | number),     # SECCOMP_RET_ERRNO
             (0x06, 0, 0, 0x7fff0000)]           # SECCOMP_RET_ALLOW
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
    program = struct.pack("@HP", len(rules), ctypes.addressof(code))
    assert _libc.prctl(38, 1, 0, 0, 0) == 0      # PR_SET_NO_NEW_PRIVS
    assert _libc.prctl(22, 2, program) == 0      # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
    seen = ctypes.create_string_buffer(256)
    assert _libc.syscall(call, -100, b"/", 0, 0x100, seen) == -1 and ctypes.get_errno() == number
