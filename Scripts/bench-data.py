#!/usr/bin/env python3
"""Makes the snapshots that the benchmarks read. Seeded: the same arguments give the same data.

  bench-data.py mix       OUT.rdb [--keys N]    a realistic mix, saved by a real redis-server
                                                (4 million keys: about 1 GB; 3 GB of memory)
  bench-data.py long-list OUT.rdb [--bytes N]   one list of N bytes (2 GiB) in small elements
  bench-data.py many-keys OUT.rdb [--keys N]    N tiny string keys (20 million), one per record
  bench-data.py commands          [--keys N]    the mix as RESP commands, to standard output

The last two files are RDB 10 written here directly, with the checksum field 0 (none).
"""
import argparse
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

SEED = 6379
EXPIRY_FIRST_MS = 2_208_988_800_000  # 2040-01-01
EXPIRY_SPAN_MS = 3 * 365 * 86_400_000
FLUSH_BYTES = 1 << 20

WORDS = (
    "account address amount basket billing branch budget button camera canvas carrier channel "
    "charge coupon courier credit currency customer default delivery deposit device discount "
    "domain draft email export feature filter folder gateway garden header history import index "
    "invoice journal kernel label ledger license limit locale market member memory message "
    "method mobile module network notice number object offer option order origin output owner "
    "package parcel partner payment period phone picture policy portal price profile project "
    "prompt quantity query queue rating reason receipt record refund region report request "
    "result review route salary sample schedule search season sector secret segment server "
    "session shipment signal source status stock storage stream summer supply support survey "
    "system target tariff ticket token total tracking traffic transfer update vendor version "
    "volume voucher wallet warehouse window winter"
).split()


class Commands:
    """Writes RESP commands to a stream in large pieces."""

    def __init__(self, stream):
        self.stream = stream
        self.pieces = []
        self.size = 0

    def add(self, *arguments):
        parts = [b"*%d\r\n" % len(arguments)]
        for argument in arguments:
            if not isinstance(argument, bytes):
                argument = str(argument).encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(argument), argument))
        piece = b"".join(parts)
        self.pieces.append(piece)
        self.size += len(piece)
        if self.size >= FLUSH_BYTES:
            self.flush()

    def flush(self):
        self.stream.write(b"".join(self.pieces))
        self.pieces.clear()
        self.size = 0


class Mix:
    """The keys of a shop: what caches, sessions, queues and counters look like in practice.

    Of every 100 keys: 34 JSON bodies of 80-600 bytes, 9 session tokens, 9 counters and flags,
    29 hashes of 5-9 fields, 6 lists, 7 sets (integers, words, a few large), 5 sorted sets, 1 stream
    with a consumer group. Some of each collection are large enough for the big encodings, and every
    million keys bring a handful of collections with 20,000 to 100,000 elements. 40% expire.
    """

    def __init__(self, commands, seed):
        self.add = commands.add
        self.random = random.Random(seed)
        self.draw = self.random.random
        # One long text to cut phrases from, so that drawing words is not what takes the time.
        self.text = " ".join(self.random.choice(WORDS) for _ in range(60_000))

    def between(self, low, high):
        return low + int(self.draw() * (high - low + 1))

    def word(self):
        return WORDS[int(self.draw() * len(WORDS))]

    def token(self, digits):
        return "%0*x" % (digits, self.random.getrandbits(4 * digits))

    def phrase(self, length):
        start = int(self.draw() * (len(self.text) - length))
        return self.text[start : start + length]

    def expiry(self):
        return EXPIRY_FIRST_MS + int(self.draw() * EXPIRY_SPAN_MS)

    def run(self, keys):
        for million in range(max(1, keys // 1_000_000)):
            self.large_collections(million)
        for number in range(keys):
            key = self.key(number)
            if self.draw() < 0.4:
                self.add("PEXPIREAT", key, self.expiry())

    def key(self, number):
        kind = self.draw() * 100
        if kind < 34:
            return self.body(number)
        if kind < 43:
            key = "session:" + self.token(20)
            self.add("SET", key, self.token(self.between(24, 64)))
            return key
        if kind < 52:
            key = "%s:%d" % ("hits" if kind < 49 else "flag", number)
            self.add("SET", key, self.between(0, 9_000_000) if kind < 49 else self.between(0, 1))
            return key
        if kind < 81:
            return self.profile(number)
        if kind < 87:
            return self.recent(number)
        if kind < 94:
            return self.members(number, kind)
        if kind < 99:
            return self.ranking(number)
        return self.events(number)

    def body(self, number):
        key = "order:%d:json" % number
        head = (
            '{"id":%d,"customer":"%s-%s","status":"%s","total":%.2f,"currency":"EUR",'
            '"placedAt":"20%02d-%02d-%02dT%02d:%02d:00Z","trace":"%s","lines":%d,"note":"'
        ) % (
            number, self.word(), self.token(6), self.word(), self.draw() * 900,
            self.between(18, 25), self.between(1, 12), self.between(1, 28),
            self.between(0, 23), self.between(0, 59), self.token(32), self.between(1, 12),
        )
        note = self.phrase(self.between(0, 400)) if self.draw() < 0.85 else ""
        self.add("SET", key, head + note + '"}')
        return key

    def profile(self, number):
        key = "customer:%d" % number
        first, last = self.word(), self.word()
        fields = [
            "name", first.title() + " " + last.title(),
            "email", "%s.%s%d@example.org" % (first, last, self.between(1, 9999)),
            "visits", self.between(0, 4000), "seen", self.between(1_600_000_000, 1_760_000_000),
            "segment", self.word(),
        ]
        if self.draw() < 0.4:
            fields += ["city", self.word().title(), "balance", "%.2f" % (self.draw() * 500)]
        if self.draw() < 0.2:
            # Longer than the compact encoding takes, so these become hash tables.
            fields += ["about", self.phrase(self.between(65, 160))]
        self.add("HSET", key, *fields)
        return key

    def recent(self, number):
        key = "recent:%d" % number
        if self.draw() < 0.5:
            items = [self.between(1, 5_000_000) for _ in range(self.between(4, 40))]
        else:
            items = ["sku:" + self.token(10) for _ in range(self.between(3, 30))]
        self.add("RPUSH", key, *items)
        return key

    def members(self, number, kind):
        if kind < 90:
            key = "likes:%d" % number
            people = (self.between(1, 5_000_000) for _ in range(self.between(3, 50)))
            self.add("SADD", key, *people)
        elif kind < 93.5:
            key = "tags:%d" % number
            count = self.between(2, 14)
            tags = ("%s-%d" % (self.word(), self.between(1, 99)) for _ in range(count))
            self.add("SADD", key, *tags)
        else:
            key = "audience:%d" % number
            people = ("c%d" % self.between(1, 5_000_000) for _ in range(self.between(140, 320)))
            self.add("SADD", key, *people)
        return key

    def ranking(self, number):
        key = "ranking:%d" % number
        # One in 50 passes the 128 elements up to which a sorted set stays compact.
        count = self.between(130, 400) if self.draw() < 0.02 else self.between(2, 24)
        pairs = []
        for _ in range(count):
            score = self.between(0, 100_000) if self.draw() < 0.6 else "%.5f" % (self.draw() * 1000)
            pairs += [score, "p:%d" % self.between(1, 5_000_000)]
        self.add("ZADD", key, *pairs)
        return key

    def events(self, number):
        key = "events:%d" % number
        count = self.between(3, 24)
        ms = 1_700_000_000_000 + number
        self.add("XGROUP", "CREATE", key, "billing", "0", "MKSTREAM")
        for _ in range(count):
            ms += self.between(1, 9000)
            self.add("XADD", key, "%d-0" % ms, "kind", self.word(), "cents", self.between(1, 99_999),
                     "by", "c%d" % self.between(1, 5_000_000))
        # Handed out and not acknowledged: pending entries.
        self.add("XREADGROUP", "GROUP", "billing", "w%d" % self.between(1, 4),
                 "COUNT", self.between(1, count), "STREAMS", key, ">")
        return key

    def large_collections(self, million):
        for part in range(4):
            key = "catalogue:%d:%d" % (million, part)
            for row in range(0, 20_000, 100):
                fields = []
                for sku in range(row, row + 100):
                    fields += ["sku:%06d" % sku, '{"cents":%d,"stock":%d,"lot":"%s"}'
                               % (self.between(99, 99_999), self.between(0, 900), self.token(12))]
                self.add("HSET", key, *fields)
        for part in range(2):
            key = "league:%d:%d" % (million, part)
            for row in range(0, 100_000, 200):
                pairs = []
                for player in range(row, row + 200):
                    pairs += ["%.6f" % (self.draw() * 1e6), "player:%07d" % player]
                self.add("ZADD", key, *pairs)
            key = "indexed:%d:%d" % (million, part)
            for _ in range(0, 50_000, 200):
                self.add("SADD", key, *("doc:" + self.token(12) for _ in range(200)))
            key = "jobs:%d:%d" % (million, part)
            for row in range(0, 50_000, 200):
                self.add("RPUSH", key, *(
                    '{"job":%d,"do":"%s","at":%d}'
                    % (row + job, self.word(), self.between(1_600_000_000, 1_760_000_000))
                    for job in range(200)))
        key = "audit:%d" % million
        self.add("XGROUP", "CREATE", key, "archive", "0", "MKSTREAM")
        for entry in range(20_000):
            self.add("XADD", key, "%d-%d" % (1_700_000_000_000 + entry * 41, entry & 3),
                     "kind", self.word(), "by", self.between(1, 5_000_000), "trace", self.token(16))
        for consumer in range(6):
            self.add("XREADGROUP", "GROUP", "archive", "a%d" % consumer, "COUNT", 600,
                     "STREAMS", key, ">")


def write_commands(stream, keys, seed):
    commands = Commands(stream)
    Mix(commands, seed).run(keys)
    commands.flush()


def make_mix(path, keys, seed):
    """Loads the mix into a redis-server of our own and has it save the snapshot."""
    if not shutil.which("redis-server"):
        sys.exit("bench-data: redis-server is missing; run Scripts/install-dependencies.sh test")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    folder = tempfile.mkdtemp(prefix=".mix-", dir=os.path.dirname(path))
    server = subprocess.Popen(
        ["redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", "",
         "--dbfilename", "mix.rdb", "--rdbcompression", "yes"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    client = ["redis-cli", "-p", port]
    try:
        while subprocess.run(client + ["PING"], capture_output=True).stdout != b"PONG\n":
            if server.poll() is not None:
                sys.exit("bench-data: redis-server did not start")
            time.sleep(0.05)
        load = subprocess.Popen(client + ["--pipe"], stdin=subprocess.PIPE)
        write_commands(load.stdin, keys, seed)
        load.stdin.close()
        if load.wait() != 0:
            sys.exit("bench-data: loading failed")
        subprocess.run(client + ["SAVE"], check=True)
        os.replace(os.path.join(folder, "mix.rdb"), path)
    finally:
        server.kill()
        server.wait()
        shutil.rmtree(folder)


def length(value):
    """The RDB length encoding: 6, 14, 32 or 64 bits."""
    if value < 1 << 6:
        return struct.pack("B", value)
    if value < 1 << 14:
        return struct.pack(">H", value | 0x4000)
    if value < 1 << 32:
        return b"\x80" + struct.pack(">I", value)
    return b"\x81" + struct.pack(">Q", value)


def string(value):
    return length(len(value)) + value


def rdb_head(keys):
    auxiliary = b"\xfa" + string(b"redis-ver") + string(b"7.0.15")
    auxiliary += b"\xfa" + string(b"redis-bits") + string(b"64")
    return b"REDIS0010" + auxiliary + b"\xfe\x00\xfb" + length(keys) + length(0)


RDB_TAIL = b"\xff" + bytes(8)


def listpack(elements):
    """A listpack of strings of 64 to 4095 bytes (12-bit string headers)."""
    entries = []
    for element in elements:
        body = struct.pack(">H", 0xE000 | len(element)) + element
        size = len(body)
        back = bytes([size]) if size < 128 else bytes([size >> 7, (size & 127) | 128])
        entries.append(body + back)
    payload = b"".join(entries)
    return struct.pack("<IH", 6 + len(payload) + 1, len(elements)) + payload + b"\xff"


def make_long_list(path, size, seed):
    """One quicklist of packed nodes of about 8 KiB, as a server cuts them; elements of 100 bytes."""
    generator = random.Random(seed)
    nodes = []
    for _ in range(512):
        elements = [generator.randbytes(50).hex().encode() for _ in range(78)]
        nodes.append(length(2) + string(listpack(elements)))
    count = max(1, size // len(nodes[0]))
    with open(path, "wb", buffering=FLUSH_BYTES) as file:
        file.write(rdb_head(1) + b"\x12" + string(b"queue:long") + length(count))
        for _ in range(count):
            file.write(generator.choice(nodes))
        file.write(RDB_TAIL)


def make_many_keys(path, keys, repeat_first):
    """Keys of 16 hex digits in no order, distinct because the factor is odd; values of 8 bits."""
    factor, mask = 0x9E3779B97F4A7C15, (1 << 64) - 1
    total = keys + (1 if repeat_first else 0)
    with open(path, "wb", buffering=FLUSH_BYTES) as file:
        file.write(rdb_head(total))
        for start in range(0, keys, 8192):
            # Type 0, a key of 16 bytes, then a string stored as an 8-bit integer.
            file.write(b"".join(
                b"\x00\x10%016x\xc0%c" % (number * factor & mask, number & 127)
                for number in range(start, min(start + 8192, keys))))
        if repeat_first:
            file.write(b"\x00\x10%016x\xc0\x00" % 0)
        file.write(RDB_TAIL)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=SEED)
    kinds = parser.add_subparsers(dest="kind", required=True)
    mix = kinds.add_parser("mix")
    commands = kinds.add_parser("commands")
    for subparser in (mix, commands):
        subparser.add_argument("--keys", type=int, default=4_000_000)
    long_list = kinds.add_parser("long-list")
    long_list.add_argument("--bytes", type=int, default=2 << 30)
    many_keys = kinds.add_parser("many-keys")
    many_keys.add_argument("--keys", type=int, default=20_000_000)
    many_keys.add_argument("--repeat-first", action="store_true",
                           help="put the first key once more at the end")
    for subparser in (mix, long_list, many_keys):
        subparser.add_argument("path", metavar="OUT.rdb")
    arguments = parser.parse_args()

    if arguments.kind == "commands":
        write_commands(sys.stdout.buffer, arguments.keys, arguments.seed)
        return
    path = os.path.abspath(arguments.path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if arguments.kind == "mix":
        make_mix(path, arguments.keys, arguments.seed)
    elif arguments.kind == "long-list":
        make_long_list(path, arguments.bytes, arguments.seed)
    else:
        make_many_keys(path, arguments.keys, arguments.repeat_first)
    print("%s: %d bytes" % (arguments.path, os.path.getsize(path)))


if __name__ == "__main__":
    main()
