"""Writes down how a command ended that did not simply succeed, or says why it could not begin, for ``launcher.sh``.

``python launcher.py FOLDER [CODE]`` with the standard library only; CODE is the shell's: 128 + N for signal N. ``FOLDER/started``, which
has kept the room on the disk for it, becomes ``FOLDER/exit``: the exit code, negative for a signal, and on a second line the folder whose
disk is full, if its own or TMPDIR's is. Its own exit code is CODE; without CODE, it is the number of the error that keeps ``FOLDER/started``
from being written.
"""

import errno
import os
import sys
from contextlib import suppress

_ROOM = 4096
_FULL = 64 * 1024
_SIGNALS = 64


def _full(*folders: str) -> str:
    """The first folder on whose disk there is no space left, else nothing."""
    for folder in folders:
        try:
            space = os.statvfs(folder)
        except OSError:
            continue
        if space.f_bavail * space.f_frsize < _FULL:
            return folder
    return ""


def _cannot_begin(folder: str) -> int:
    try:
        with open(f"{folder}/started", "wb", buffering=0) as file:
            file.write(b" " * _ROOM)
        number = errno.EAGAIN
    except OSError as error:
        number = error.errno or errno.EIO
    with suppress(OSError):
        os.unlink(f"{folder}/started")  # the command has not been executed
    return number


def _main() -> int:
    folder, *ended = sys.argv[1:]
    if not ended:
        return _cannot_begin(folder)
    code = int(ended[0])
    signalled = 128 < code <= 128 + _SIGNALS
    try:
        said = f"{128 - code if signalled else code}\n{_full(folder, os.environ['TMPDIR']) if code else ''}"
        file = os.open(f"{folder}/started", os.O_WRONLY)
        os.pwrite(file, os.fsencode(said)[:_ROOM], 0)
        os.replace(f"{folder}/started", f"{folder}/exit")
    except OSError as error:
        print(f"The exit code could not be written: {error.strerror}", file=sys.stderr)
    return code


if __name__ == "__main__":
    os._exit(_main())
