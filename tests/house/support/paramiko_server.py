"""A server whose SSH is Paramiko's: it lets in whoever has the key and runs what it is asked.

paramiko_server.py PORT HOST-KEY AUTHORIZED-KEY tells|silent SIGNATURE... : it takes RSA keys that sign by those named, and tells
clients so (RFC 8308) or is silent, as old devices are.
"""

import base64
import socket
import subprocess
import sys
import threading

import paramiko

port, host_key, authorized, manner, *taken = sys.argv[1:]
with open(authorized, encoding="ascii") as file:
    key = paramiko.RSAKey(data=base64.b64decode(file.read().split()[1]))


class Server(paramiko.ServerInterface):
    def get_allowed_auths(self, username):
        return "publickey"

    # Paramiko checks the signature itself, by what the client says it was made.
    def check_auth_publickey(self, username, given):
        return paramiko.AUTH_SUCCESSFUL if given == key else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel, command):
        threading.Thread(target=answer, args=(channel, command)).start()
        return True


def answer(channel, command):
    done = subprocess.run(command, shell=True, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    channel.sendall(done.stdout)
    channel.sendall_stderr(done.stderr)
    channel.send_exit_status(done.returncode)
    channel.close()


def main():
    listener = socket.create_server(("127.0.0.1", int(port)))
    while True:
        client, _ = listener.accept()
        transport = paramiko.Transport(
            client,
            disabled_algorithms={"pubkeys": others},
            server_sig_algs=manner == "tells",
        )
        transport.add_server_key(paramiko.Ed25519Key.from_private_key_file(host_key))
        try:
            transport.start_server(server=Server(), event=threading.Event())
        except paramiko.SSHException as error:
            print(error, flush=True)


others = [name for name in paramiko.RSAKey.HASHES if name not in taken]
# What is refused is asked here, not in the list above, which is only told.
paramiko.RSAKey.HASHES = {name: paramiko.RSAKey.HASHES[name] for name in taken}
paramiko.util.log_to_file("/dev/stdout", paramiko.util.DEBUG)
main()
