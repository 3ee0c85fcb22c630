#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The example programs on a TAP device, against curl, nginx, dnsmasq and the kernel.

usage: link_test.py httpd|get|lookup|ping PROGRAM [--out FOLDER]

Makes a network namespace of its own, without root where user namespaces are permitted, records all
frames, and has tshark read the record. The exit status is 77, with the reason, where something that
is needed is missing. Nothing sleeps: each wait is for an event, and fails after LIMIT seconds.
"""

import argparse
import contextlib
import os
import pathlib
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

LIMIT = 60  # seconds; nothing here takes long unless it never happens
TAP = "tap0"
KERNEL4, OURS4 = "192.0.2.1", "192.0.2.2"
KERNEL6, OURS6 = "2001:db8::1", "2001:db8::2"
OUR_MAC = "02:50:c0:00:02:02"  # as the programs make it of their first address
HOST_OPTIONS = ["--tap", TAP, "--address", OURS4 + "/24", "--address", OURS6 + "/64"]
# Empty, one octet, around a segment, around 64 KiB, and more than any window.
SIZES = [0, 1, 536, 1459, 1460, 1461, 65535, 65536, 1_000_000, 5_000_000]


class Failure(Exception):
    """What was wrong, in a sentence."""


def check(condition, what):
    if not condition:
        raise Failure(what)


def skip(reason):
    print(f"skipped: {reason}", flush=True)
    sys.exit(77)


def need(*programs):
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    for program in programs:
        if shutil.which(program) is None:
            skip(f"{program} is not installed")


# --- the namespace

def enter_namespace():
    """Runs this program again in a network namespace, and in a process namespace that ends with it,
    so that no server outlives the test."""
    if os.environ.get("PW_LINK_TEST_INSIDE"):
        return
    need("unshare", "ip")
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        skip("/dev/net/tun cannot be used")
    command = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        command += ["--user", "--map-root-user"]
    probe = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        skip(f"no namespaces here: {probe.stderr.strip()}")
    os.environ["PW_LINK_TEST_INSIDE"] = "1"
    os.execvp(command[0], [*command, sys.executable, *sys.argv])


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT)
    check(done.returncode == 0, f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def make_tap():
    run("ip", "link", "set", "lo", "up")
    done = subprocess.run(["ip", "tuntap", "add", "dev", TAP, "mode", "tap"], capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        skip(f"no TAP device can be made: {done.stderr.strip()}")
    run("ip", "address", "add", KERNEL4 + "/24", "dev", TAP)
    # Without duplicate address detection the address can be used when the device works.
    run("ip", "address", "add", KERNEL6 + "/64", "dev", TAP, "nodad")
    run("ip", "link", "set", TAP, "up")


# --- programs

class Program:
    """A program that is running, what it says, and its end."""

    def __init__(self, *command):
        self.command = [str(word) for word in command]
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        self.lines = []
        self.condition = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.condition:
                self.lines.append(line.rstrip("\n"))
                self.condition.notify_all()
        with self.condition:
            self.lines.append(None)  # the end
            self.condition.notify_all()

    def said(self):
        return "\n".join(line for line in self.lines if line is not None)

    def wait_for(self, text):
        def seen():
            return any(line is None or text in line for line in self.lines)
        with self.condition:
            self.condition.wait_for(seen, LIMIT)
            check(any(line is not None and text in line for line in self.lines),
                  f"{self.command[0]} did not say '{text}', but:\n{self.said()}")

    def stop(self):
        """Asks it to end. Its exit status; whatever it says last is there then."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            status = self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failure(f"{self.command[0]} does not end") from None
        self.reader.join(LIMIT)
        return status


@contextlib.contextmanager
def running(*command, ready):
    program = Program(*command)
    try:
        program.wait_for(ready)
        yield program
    finally:
        program.stop()


def wait_until_listening(process, family, address, port):
    """A server of others is ready when it takes connections; there is no event that says so."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        check(process.process.poll() is None,
              f"{process.command[0]} ended:\n{process.said()}")
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(LIMIT)
            if probe.connect_ex((address, port)) == 0:
                return
        threading.Event().wait(0.02)
    raise Failure(f"{process.command[0]} does not listen at {address} port {port}")


# --- the record

class Record:
    """All frames of the device, in both directions, in a pcap file."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        # The most that is allowed; a burst that does not fit would be missing.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 26)
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)  # SO_RCVBUFFORCE
        self.socket.bind((TAP, 0))
        self.file = open(path, "wb")  # pylint: disable=consider-using-with
        self.file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        self.over = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        self.socket.settimeout(0.1)
        while True:
            try:
                frame = self.socket.recv(65536 + 64)
            except TimeoutError:
                if self.over:
                    return
                continue
            except OSError:  # the device went down for a while
                if self.over:
                    return
                continue
            now = time.time_ns()
            self.file.write(struct.pack("<IIII", now // 10**9, now % 10**9, len(frame),
                                        len(frame)))
            self.file.write(frame)

    def finish(self):
        self.over = True
        self.thread.join(LIMIT)
        self.file.close()


def tshark(path, display_filter):
    checks = [option for layer in ("ip", "tcp", "udp")
              for option in ("-o", f"{layer}.check_checksum:TRUE")]
    out = run("tshark", "-n", "-r", str(path), *checks, "-Y", display_filter)
    return out.splitlines()


def check_record(path, expected):
    """The record holds what is `expected` (a display filter), and nothing that is malformed."""
    check(tshark(path, expected), f"{path}: nothing matches '{expected}'")
    # Linux writes a TCP checksum of zero as 0xffff, which is as good and happens now and then.
    bad = tshark(path, "_ws.malformed || ip.checksum.status == Bad || "
                 "(tcp.checksum.status == Bad && "
                 f"!(tcp.checksum == 0xffff && eth.src != {OUR_MAC})) || "
                 "udp.checksum.status == Bad || icmp.checksum.status == Bad || "
                 "icmpv6.checksum.status == Bad || _ws.expert.severity == error")
    check(not bad, f"{path}: tshark complains of {len(bad)} frames:\n" + "\n".join(bad[:10]))


# --- files

def content(size):
    return random.Random(size).randbytes(size)


def make_files(folder):
    for size in SIZES:
        (folder / f"{size}.bin").write_bytes(content(size))
    (folder / "index.html").write_text("<title>packetwright</title>\n", encoding="ascii")


def check_file(path, size):
    got = path.read_bytes()
    check(got == content(size),
          f"{path.name}: {len(got)} octets instead of {size}, or other ones")


# --- our server

def curl(*arguments):
    done = subprocess.run(["curl", "--silent", "--show-error", "--max-time", str(LIMIT),
                           *map(str, arguments)], capture_output=True, check=False,
                          timeout=LIMIT + 10)
    check(done.returncode == 0, f"curl {' '.join(map(str, arguments))}: {done.stderr.decode()}")
    return done.stdout


def one_after_the_other(base, work):
    """Every size by one connection, which is kept."""
    out, urls = work / "kept", []
    out.mkdir(exist_ok=True)
    for size in SIZES:
        urls += ["-o", out / f"{size}.bin", f"{base}/{size}.bin"]
    connects = curl("--write-out", "%{num_connects}\n", *urls).split()
    check([int(number) for number in connects] == [1] + [0] * (len(SIZES) - 1),
          f"connections that curl made for each file: {connects}")
    for size in SIZES:
        check_file(out / f"{size}.bin", size)


def at_the_same_time(base, work):
    """Thirty connections at a time."""
    out, urls = work / "parallel", []
    out.mkdir(exist_ok=True)
    for turn in range(6):
        for size in SIZES[:-1]:
            urls += ["-o", out / f"{size}-{turn}.bin", f"{base}/{size}.bin"]
    curl("--parallel", "--parallel-immediate", "--parallel-max", 30, *urls)
    for turn in range(6):
        for size in SIZES[:-1]:
            check_file(out / f"{size}-{turn}.bin", size)


def other_answers(base, work):
    def status(*arguments):
        return curl("-o", work / "other", "--write-out", "%{http_code}", *arguments).decode()
    check(status(base + "/") == "200", "no index.html")
    check(status("--head", base + "/1460.bin") == "200", "no answer to HEAD")
    check(status(base + "/absent") == "404", "a file that is not there")
    check(status("--path-as-is", base + "/../secret") == "400", "a path that leads out")
    check(status("--data", "text", base + "/1.bin") == "405", "POST")
    check(curl("--http1.0", base + "/1460.bin") == content(1460), "HTTP/1.0")


def talk(family, address, text):
    """What the server says to `text`, until it ends the connection."""
    with socket.create_connection((address, 80), LIMIT) as connection:
        check(connection.family == family, "family")
        connection.sendall(text)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


def was_reset(connection):
    connection.settimeout(LIMIT)
    try:
        connection.recv(1)
    except ConnectionResetError:
        return True
    except TimeoutError:
        pass
    return False


def odd_clients(family, address, base):
    answer = talk(family, address, b"GET /1.bin HTTP/1.1\r\n\r\n" * 3 +
                  b"GET /1.bin HTTP/1.1\r\nConnection: close\r\n\r\n")
    check(answer.count(b"200 OK") == 4, "four requests at once")
    check(talk(family, address, b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400"), "nonsense")
    # One goes away in the middle, with a reset; the others do not notice.
    with socket.create_connection((address, 80), LIMIT) as connection:
        connection.sendall(b"GET /5000000.bin HTTP/1.1\r\n\r\n")
        connection.recv(1000)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    check(curl(base + "/1460.bin") == content(1460), "after a reset")


def without_a_link():
    """The cable is pulled out in the middle of a transfer, and put in again."""
    with socket.create_connection((OURS4, 80), LIMIT) as connection:
        connection.settimeout(LIMIT)
        connection.sendall(b"GET /5000000.bin HTTP/1.1\r\nConnection: close\r\n\r\n")
        answer = connection.recv(100_000)
        run("ip", "link", "set", TAP, "down")
        run("ip", "link", "set", TAP, "up")
        while piece := connection.recv(65536):
            answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    check(b"200 OK" in head and body == content(5_000_000), "a transfer over a broken link")


def with_loss(base, work):
    """Of what the kernel sends; where there is no netem the test goes on without."""
    done = subprocess.run(["tc", "qdisc", "add", "dev", TAP, "root", "netem", "loss", "2%",
                           "reorder", "5%", "delay", "2ms"], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        print(f"without loss: {done.stderr.strip()}", flush=True)
        return
    one_after_the_other(base, work)
    run("tc", "qdisc", "delete", "dev", TAP, "root")


def test_httpd(program, work):
    need("curl", "tshark", "tc")
    folder = work / "www"
    folder.mkdir()
    make_files(folder)
    (work / "secret").write_text("not for anybody\n", encoding="ascii")
    with running(program, *HOST_OPTIONS, folder, ready="serving") as server:
        for family, address in ((socket.AF_INET, OURS4), (socket.AF_INET6, OURS6)):
            base = f"http://[{address}]" if ":" in address else f"http://{address}"
            one_after_the_other(base, work)
            at_the_same_time(base, work)
            other_answers(base, work)
            odd_clients(family, address, base)
        with_loss(f"http://{OURS4}", work)
        without_a_link()
        with socket.create_connection((OURS4, 80), LIMIT) as idle:
            idle.sendall(b"HEAD /1.bin HTTP/1.1\r\n\r\n")
            check(idle.recv(1000), "no answer")
            check(server.stop() == 0, f"httpd ended badly:\n{server.said()[-2000:]}")
            check(was_reset(idle), "a client was left waiting when httpd ended")
    return "http.response.code == 200"


# --- our client

NGINX = """
daemon off; master_process off; user root root;
pid {work}/nginx.pid; error_log stderr; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on; client_body_temp_path {work}/t1; proxy_temp_path {work}/t2;
  fastcgi_temp_path {work}/t3; uwsgi_temp_path {work}/t4; scgi_temp_path {work}/t5;
  server {{
    listen {v4}:8080; listen [{v6}]:8080; root {work}/www;
    location /list/ {{ alias {work}/www/; autoindex on; }}
    location /chunked/ {{ alias {work}/www/; ssi on; ssi_types *; }}
  }}
}}
"""


def get(program, url, output, *options):
    return subprocess.run([program, *HOST_OPTIONS, *options, "-o", output, url], text=True,
                          capture_output=True, check=False, timeout=LIMIT)


def test_get(program, work):
    need("nginx", "dnsmasq", "tshark")
    folder = work / "www"
    folder.mkdir()
    make_files(folder)
    configuration = work / "nginx.conf"
    configuration.write_text(NGINX.format(work=work, v4=KERNEL4, v6=KERNEL6), encoding="ascii")
    output = work / "got"

    def fetch(url, size, *options):
        done = get(program, url, output, *options)
        check(done.returncode == 0, f"get {url}: {done.stderr}")
        check_file(output, size)

    nginx = Program("nginx", "-p", work, "-c", configuration)
    names = dnsmasq()
    try:
        for family, address in ((socket.AF_INET, KERNEL4), (socket.AF_INET6, KERNEL6)):
            base = f"http://[{address}]:8080" if ":" in address else f"http://{address}:8080"
            wait_until_listening(nginx, family, address, 8080)
            for size in SIZES:
                fetch(f"{base}/{size}.bin", size)
            fetch(f"{base}/chunked/65536.bin", 65536)
            done = get(program, base + "/absent", output)
            check(done.returncode == 1 and "404" in done.stderr, f"404: {done.stderr}")
        names.wait_for("started")
        fetch("http://web.example.test:8080/1460.bin", 1460, "--dns", KERNEL4)
        # The first address of this name is nobody's.
        fetch("http://twice.example.test:8080/1460.bin", 1460, "--dns", KERNEL6)
        refused = get(program, f"http://{KERNEL4}:81/", output)
        check(refused.returncode == 1 and "ECONNREFUSED" in refused.stderr, refused.stderr)
    finally:
        nginx.stop()
        names.stop()
    return "http.response.code == 200"


# --- our resolver

def dnsmasq():
    many = [f"--host-record=many.example.test,198.51.100.{number}" for number in range(1, 121)]
    return Program(
        # --no-daemon also keeps it from becoming another user, whom a namespace does not have.
        "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
        "--no-poll",
        "--bind-interfaces", f"--listen-address={KERNEL4},{KERNEL6}", "--local=/test/",
        "--no-negcache", "--local-ttl=300",
        f"--host-record=web.example.test,{KERNEL4},{KERNEL6}",
        f"--host-record=twice.example.test,192.0.2.99,{KERNEL4}",
        "--cname=www.example.test,web.example.test", "--cname=alias.example.test,www.example.test",
        "--txt-record=text.example.test,nothing else", *many)


def test_lookup(program, work):
    del work
    need("dnsmasq", "tshark")
    names = dnsmasq()

    def ask(status, *questions, server=KERNEL4):
        done = subprocess.run([program, *HOST_OPTIONS, "--dns", server, *questions], text=True,
                              capture_output=True, check=False, timeout=LIMIT)
        check(done.returncode == status, f"lookup {questions}: {done.stdout}{done.stderr}")
        return done.stdout.splitlines()

    try:
        names.wait_for("started")
        for server in (KERNEL4, KERNEL6):
            answer = ask(0, "web.example.test", server=server)
            check(answer == [f"web.example.test {KERNEL6} ttl 300",
                             f"web.example.test {KERNEL4} ttl 300"], f"both families: {answer}")
        answer = ask(0, "alias.example.test")
        check(answer[0] == f"alias.example.test {KERNEL6} ttl 300 at web.example.test",
              f"aliases: {answer}")
        answer = ask(0, KERNEL4, KERNEL6)
        check(answer == [f"{KERNEL4} web.example.test ttl 300",
                         f"{KERNEL6} web.example.test ttl 300"], f"reverse: {answer}")
        answer = ask(1, "absent.example.test", "text.example.test")
        check(answer == ["absent.example.test not_found", "text.example.test no_data"],
              f"negative answers: {answer}")
        # Too large for UDP: the server says so, and it is asked over TCP.
        answer = ask(0, "many.example.test")
        check(len(answer) == 64 and all("198.51.100." in line for line in answer),
              f"a large answer: {len(answer)} lines: {answer[:3]}")
    finally:
        names.stop()
    return "dns.flags.response == 1 && tcp"


# --- our ping

def test_ping(program, work):
    del work
    need("tshark")

    def ping(*words, options=tuple(HOST_OPTIONS)):
        done = subprocess.run([program, *options, *words], text=True, capture_output=True,
                              check=False, timeout=2 * LIMIT)
        return done.returncode, done.stdout + done.stderr

    def sizes(*all_sizes):
        for address in (KERNEL4, KERNEL6):
            for size in all_sizes:
                status, said = ping("-c", "3", "-W", "20000", "-s", size, address)
                check(status == 0 and "3 of 3 answered" in said, f"ping {address}: {said}")

    sizes("0", "56", "1400", "6000")  # the last in fragments
    run("ip", "link", "set", TAP, "mtu", "9000")
    sizes("8000")  # in one piece: the stack asks the driver for its MTU
    status, said = ping("-c", "1", "192.0.2.99")
    check(status == 1 and "0 of 1 answered" in said, f"nobody: {said}")
    status, said = ping("nonsense")
    check(status == 2 and "'nonsense' is no address" in said, f"no address: {said}")
    # Nobody else has ours, which takes some seconds to find out.
    status, said = ping("-c", "1", "-W", "20000", KERNEL4, options=[*HOST_OPTIONS, "--probe"])
    check(status == 0, f"after probing: {said}")
    # The kernel defends what it has: both are found out at once.
    for taken in (KERNEL4 + "/24", KERNEL6 + "/64"):
        status, said = ping(KERNEL4, options=("--tap", TAP, "--probe", "--address", taken))
        check(status == 3 and "somebody else" in said, f"a duplicate: {said}")
    status, said = ping(KERNEL4, options=("--tap", "no such device", "--address", OURS4 + "/24"))
    check(status == 3 and "no such device" in said, f"no device: {said}")
    return "icmp.type == 0 && frame.len > 8000"


def main():
    tests = {"httpd": test_httpd, "get": test_get, "lookup": test_lookup, "ping": test_ping}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("test", choices=tests)
    parser.add_argument("program", type=lambda text: str(pathlib.Path(text).resolve()))
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("."),
                        help="where the record of the frames goes")
    arguments = parser.parse_args()
    enter_namespace()
    make_tap()
    record = Record(arguments.out / f"link_{arguments.test}.pcap")
    try:
        with tempfile.TemporaryDirectory() as work:
            os.chmod(work, 0o755)
            expected = tests[arguments.test](arguments.program, pathlib.Path(work))
        record.finish()
        check_record(record.path, expected)
    except Failure as failure:
        sys.exit(f"link_test {arguments.test}: {failure}")
    print(f"{arguments.test}: all as it should be; the frames are in {record.path}")


if __name__ == "__main__":
    main()
