# Runs one command and leaves its exit code in a file, so that the code is known even to a server started later.
#
# sh launcher.sh FOLDER PYTHON LAUNCHER_PY COMMAND ARGUMENT...
#
# It waits for a line on its standard input, and ends without one when the server that was to send it has gone. FOLDER/started says that
# the command is about to be executed, and keeps the room on the disk that FOLDER/exit may need later. It leads the task's session;
# SIGTERM, SIGINT and SIGHUP are for the command, which is in the same process group: the launcher stays until the command has ended.
# What is no plain success is left to launcher.py, which takes ten times as long to start.

trap : TERM INT HUP # unlike what is ignored, what is trapped is not inherited by the command
read -r KUBEFLOW_LOCAL_GO || exit 0
exec 3>&2 2>/dev/null </dev/null # the shell's own words ("Killed") are not the command's

if printf '%4096s' '' >"$1/started"; then
  (
    exec 2>&3 3>&-
    shift 3
    exec "$@"
  )
  code=$?
  if [ $code = 0 ] && printf '0\n' >"$1/exit"; then
    : >"$1/started"
    exit 0
  fi
fi
trap '' TERM INT HUP
exec "$2" -I -S "$3" "$1" $code 2>&3
