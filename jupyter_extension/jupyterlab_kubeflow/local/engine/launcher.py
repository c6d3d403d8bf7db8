"""Runs one command and leaves its exit code in a file, so that the code is known even to a server started later.

``python launcher.py EXIT_FILE COMMAND ARGUMENT…`` with the standard library only. It leads the task's session; SIGTERM and SIGINT are
for the command, which is in the same process group: the launcher stays until the command has ended.
"""

import os
import signal
import sys


def _main() -> int:
    exit_file, *command = sys.argv[1:]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # A handler, unlike SIG_IGN, is not inherited by the command.
        signal.signal(number, lambda *_: None)
    child = os.fork()
    if child == 0:
        try:
            os.execvp(command[0], command)  # noqa: S606
        except OSError as error:
            os.write(2, f"{command[0]}: {error.strerror}\n".encode())
            os._exit(127)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    with open(f"{exit_file}.new", "w", encoding="utf-8") as file:
        file.write(str(code))
    os.replace(f"{exit_file}.new", exit_file)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    os._exit(_main())
