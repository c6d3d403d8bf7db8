"""Runs one command and leaves its exit code in a file, so that the code is known even to a server started later.

``python launcher.py FOLDER COMMAND ARGUMENT…`` with the standard library only. It waits for a byte on its standard input, and ends
without one when the server that was to send it has gone. ``FOLDER/started`` says that the command is about to be executed, and keeps the
room on the disk that ``FOLDER/exit`` needs later. That has the exit code, and on a second line the folder whose disk is full, if a
command failed and either its own folder's or TMPDIR's is. It leads the task's session; SIGTERM and SIGINT are for the command, which is in the
same process group: the launcher stays until the command has ended. Its own exit code is that of the command, 128 + N for signal N.
"""

import _signal as signal  # type: ignore[import-not-found]  # "signal" takes as long to import as Python to start
import os
import sys

_ROOM = 4096
_FULL = 64 * 1024


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


def _main() -> int:
    folder, *command = sys.argv[1:]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # A handler, unlike SIG_IGN, is not inherited by the command.
        signal.signal(number, lambda *_: None)
    if not os.read(0, 1):
        return 0
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        code_file = os.open(f"{folder}/started", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        os.write(code_file, b" " * _ROOM)
    except OSError as error:
        return error.errno or 1
    child = os.fork()
    if child == 0:
        try:
            os.execvp(command[0], command)  # noqa: S606
        except OSError as error:
            os.write(2, f"{command[0]}: {error.strerror}\n".encode())
            os._exit(127)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    try:
        said = f"{code}\n{_full(folder, os.environ['TMPDIR']) if code else ''}"
        os.pwrite(code_file, os.fsencode(said)[:_ROOM], 0)
        os.replace(f"{folder}/started", f"{folder}/exit")
    except OSError as error:
        print(f"The exit code could not be written: {error.strerror}", file=sys.stderr)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    os._exit(_main())
