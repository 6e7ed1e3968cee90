"""What a worker gives up before it sees a byte of a file: all of it without privileges, Linux only.

No files, no sockets, no processes, no executable memory; bounded memory and time. Landlock, where
the kernel has it, stands behind seccomp.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct

from viewer.dicom.sandbox.protocol import ADDRESS_BYTES

_X86 = platform.machine() == "x86_64"
_PRCTL = 157 if _X86 else 167
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446
_ARCH = 0xC000003E if _X86 else 0xC00000B7
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 32, 21, 69, 6
_MAPPING = (9, 10) if _X86 else (222, 226)  # mmap, mprotect
# read write close fstat lseek munmap brk rt_sigaction rt_sigprocmask rt_sigreturn pread64
# mremap madvise getpid recvmsg exit gettid futex restart_syscall clock_gettime exit_group
# newfstatat getrandom setitimer
_X86_CALLS = "0 1 3 5 8 11 12 13 14 15 17 25 28 39 47 60 186 202 219 228 231 262 318 38"
_ARM_CALLS = "63 64 57 80 62 215 214 134 135 139 67 216 233 172 212 93 178 98 128 113 94 79 278 103"
_CALLS = tuple(int(each) for each in (_X86_CALLS if _X86 else _ARM_CALLS).split())
_LIMITS = {"CORE": 0, "FSIZE": 0, "NPROC": 0, "NOFILE": 300, "AS": ADDRESS_BYTES, "CPU": 3600}


def is_hardenable() -> bool:
    """Whether this machine is one whose system calls are known here."""
    return platform.system() == "Linux" and platform.machine() in ("x86_64", "aarch64")


def harden(parent: int) -> None:
    """Give up everything; end at once if `parent` has ended already."""
    libc = ctypes.CDLL(None, use_errno=True)

    def call(number: int, *given: object) -> int:
        found = [ctypes.c_long(each) if isinstance(each, int) else each for each in given]
        result = int(libc.syscall(ctypes.c_long(number), *found))
        if result < 0:
            raise OSError(ctypes.get_errno(), f"system call {number}")
        return result

    call(_PRCTL, 1, int(signal.SIGKILL), 0, 0, 0)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)
    call(_PRCTL, 38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    call(_PRCTL, 4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
    for name, most in _LIMITS.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
    _landlock(call)
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *each) for each in _filter()))
    program = ctypes.create_string_buffer(
        struct.pack("@HP", len(_filter()), ctypes.addressof(code))
    )
    call(_PRCTL, 22, 2, ctypes.addressof(program), 0, 0)  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def _landlock(call) -> None:  # type: ignore[no-untyped-def]
    """Handle every kind of access and allow none. Best effort: seccomp refuses open() anyway."""
    try:
        abi = call(_LANDLOCK_CREATE, None, 0, 1)
    except OSError:
        return
    files = (1 << (13, 14, 15, 15, 16)[min(abi, 5) - 1]) - 1
    handled = struct.pack("<QQQ", files, 3 * (abi >= 4), 3 * (abi >= 6))
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = call(_LANDLOCK_CREATE, handled[:size], size, 0)
    call(_LANDLOCK_RESTRICT, ruleset, 0)
    os.close(ruleset)


def _filter() -> list[tuple[int, int, int, int]]:
    """The seccomp program: only the listed calls, and never executable memory."""
    found = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, _ARCH), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    for number in _MAPPING:
        found += [
            (_EQUAL, 0, 4, number),
            (_LOAD, 0, 0, 32),  # the third argument: the protection
            (_ANY_BIT, 0, 1, 4),
            (_RETURN, 0, 0, _REFUSE),
            (_RETURN, 0, 0, _ALLOW),
        ]
    for number in _CALLS:
        found += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    return [*found, (_RETURN, 0, 0, _REFUSE)]
