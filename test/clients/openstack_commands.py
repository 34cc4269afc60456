"""Runs commands of OpenStackClient, each in a process of its own that finds Python's modules loaded already.

Loading them takes a second and a half of a processor, and a command a tenth of that. So this process loads them once,
and forks for each command: what runs then is the client's own main function, with the arguments, the environment, the
standard output and error, and the exit code of a command by itself.

    openstack_commands.py SOCKET

Each connection brings {"argv", "environment", "deadlineSeconds"} and gets {"exitCode", "stdout", "stderr"}; an
"exitCode" of null says that the command had not ended by its deadline.
"""

import gc
import json
import logging
import os
import runpy
import signal
import socket
import sys
import tempfile
import traceback

SOCKET = sys.argv[1]
# The client takes its own name from here as soon as it is loaded.
sys.argv = ["openstack"]

from openstackclient import shell  # noqa: E402


def load_modules():
    """Make every module, and every list of plug-ins, that a command looks for."""
    with open(os.devnull, "w") as nowhere:
        sys.stdout = nowhere
        try:
            shell.main(["help", "server", "list"])
        finally:
            sys.stdout = sys.__stdout__
    # Each command sets up its own.
    logging.getLogger().handlers.clear()
    gc.collect()
    # Otherwise each command would copy the memory that its first collection writes to.
    gc.freeze()


def become(argv, environment):
    """Be the command in this process, to its end; what the modules would clean up is nobody's any more."""
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = argv
    exit_code = 1
    try:
        runpy.run_path("/usr/bin/openstack", run_name="__main__")
    except SystemExit as ended:
        exit_code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)


def outcome(argv, environment, deadline_seconds):
    """Give what the command has said and its exit code."""
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        command = os.fork()
        if command == 0:
            for stream, number in ((open(os.devnull), 0), (stdout, 1), (stderr, 2)):
                os.dup2(stream.fileno(), number)
            become(argv, environment)
        signal.signal(signal.SIGALRM, lambda *_: os.kill(command, signal.SIGKILL))
        signal.alarm(deadline_seconds)
        exit_code = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
        is_late = signal.alarm(0) == 0
        said = []
        for stream in (stdout, stderr):
            stream.seek(0)
            said.append(stream.read().decode(errors="replace"))
        return {"exitCode": None if is_late else exit_code, "stdout": said[0], "stderr": said[1]}


def answer(connection):
    """Run the one command that a connection asks for."""
    with connection.makefile("rw") as stream:
        asked = json.loads(stream.readline())
        told = outcome(asked["argv"], asked["environment"], asked["deadlineSeconds"])
        stream.write(json.dumps(told) + "\n")


def main(path):
    load_modules()
    # Nobody waits for the processes that answer; they wait for their commands.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("listening", flush=True)
        while True:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                answer(connection)
                os._exit(0)
            connection.close()


main(SOCKET)
