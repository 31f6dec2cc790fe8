#!/usr/bin/env python3
"""Makes the append-only files that the benchmarks read. Seeded: the same arguments give the same data.

  bench-aof.py mix      OUT.aof [--commands N]    a shop's writes (10.4 million: about 1 GB)
  bench-aof.py huge     OUT.aof [--bytes N]       one command with an argument of N bytes (512 MiB)
  bench-aof.py many     OUT.aof [--arguments N]   one command of N arguments (one million)
  bench-aof.py mix      OUT.aof --check           also loads the file into a redis-server of its own

The files are written here in the form in which servers write them; no server is needed.
"""
import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

SEED = 6379
FIRST_SECOND = 1_760_000_000
COMMANDS_PER_SECOND = 2000
EXPIRY_SPAN_MS = 365 * 86_400_000
# 2040: nothing expires while a server loads the file.
EXPIRY_FIRST_MS = 2_208_988_800_000
FLUSH_BYTES = 1 << 20
KEYS = 1_000_000

WORDS = (
    "account address basket billing branch budget button camera carrier channel charge coupon "
    "courier credit customer delivery deposit device discount draft export filter gateway garden "
    "history invoice journal ledger market member message network notice order owner package "
    "parcel payment period policy price product project quantity queue rating receipt refund"
).split()


def noise(seed, count):
    """`count` random bytes, in pieces: one draw of all of them is more than Python takes."""
    draw = random.Random(seed).randbytes
    return b"".join(draw(min(FLUSH_BYTES, count - at)) for at in range(0, count, FLUSH_BYTES))


class Log:
    """Commands and annotations, written in large pieces."""

    def __init__(self, stream):
        self.stream = stream
        self.pieces = []
        self.size = 0
        self.count = 0

    def add(self, *arguments):
        parts = [b"*%d\r\n" % len(arguments)]
        parts += [b"$%d\r\n%s\r\n" % (len(argument), argument) for argument in arguments]
        self.write(b"".join(parts))
        self.count += 1

    def write(self, piece):
        self.pieces.append(piece)
        self.size += len(piece)
        if self.size >= FLUSH_BYTES:
            self.flush()

    def flush(self):
        self.stream.write(b"".join(self.pieces))
        self.pieces.clear()
        self.size = 0


class Mix:
    """What a shop writes: bodies, sessions, profiles, counters, queues, rankings, sets, streams.

    Some keys are far hotter than others. One unit of work in 80 is a transaction of five commands.
    Every 2000 commands an annotation tells the next second; now and then another database is
    written to for a while.
    """

    def __init__(self, log, seed):
        self.log = log
        self.random = random.Random(seed)
        self.draw = self.random.random
        text = " ".join(self.random.choice(WORDS) for _ in range(60_000))
        self.text = text.encode()
        self.words = [word.encode() for word in WORDS]

    def number(self, low, high):
        return b"%d" % (low + int(self.draw() * (high - low + 1)))

    def phrase(self, low, high):
        length = low + int(self.draw() * (high - low + 1))
        start = int(self.draw() * (len(self.text) - length))
        return self.text[start:start + length]

    def run(self, commands):
        log = self.log
        second = FIRST_SECOND
        next_second = 0
        log.add(b"SELECT", b"0")
        database = 0
        while log.count < commands:
            if log.count >= next_second:
                log.write(b"#TS:%d\r\n" % second)
                second += 1
                next_second += COMMANDS_PER_SECOND
                wanted = 0 if self.draw() < 0.9 else 1 + int(self.draw() * 3)
                if wanted != database:
                    database = wanted
                    log.add(b"SELECT", b"%d" % database)
            if self.draw() < 1 / 80:
                log.add(b"MULTI")
                for _ in range(5):
                    self.unit()
                log.add(b"EXEC")
            else:
                self.unit()
        log.flush()

    def unit(self):
        add, draw = self.log.add, self.draw
        # The cube of a uniform number: a thousandth of the keys gets a tenth of the writes.
        place = draw()
        key = int(place * place * place * KEYS)
        kind = draw() * 100
        if kind < 33:
            name = b"order:%d:json" % key
            body = b'{"id":%d,"status":"%s","cents":%d,"note":"%s"}' % (
                key, self.words[key % len(self.words)], int(draw() * 90_000), self.phrase(10, 110))
            if kind < 25:
                add(b"SET", name, body)
            else:
                add(b"SET", name, body, b"PXAT",
                    b"%d" % (EXPIRY_FIRST_MS + int(draw() * EXPIRY_SPAN_MS)))
        elif kind < 41:
            add(b"SET", b"session:%016x" % (key * 0x9E3779B97F4A7C15 & (1 << 64) - 1),
                b"%032x" % self.random.getrandbits(128))
        elif kind < 55:
            add(b"HSET", b"customer:%d" % (key // 4), b"name", self.phrase(8, 20), b"visits",
                self.number(1, 4000), b"seen", self.number(1_600_000_000, 1_760_000_000))
        elif kind < 65:
            add(b"INCR", b"hits:%d" % (key // 16))
        elif kind < 72:
            add(b"RPUSH", b"jobs:%d" % (key % 5000), b'{"do":"%s","at":%d}' % (
                self.phrase(8, 40), self.log.count))
        elif kind < 79:
            add(b"LPOP", b"jobs:%d" % (key % 5000))
        elif kind < 86:
            add(b"ZADD", b"ranking:%d" % (key % 2000), b"%.3f" % (draw() * 1000),
                b"p:%d" % (key // 8))
        elif kind < 89:
            add(b"XADD", b"events:%d" % (key % 1000), b"MAXLEN", b"=", b"500",
                b"%d-0" % (FIRST_SECOND * 1000 + self.log.count),
                b"kind", self.words[key % len(self.words)], b"cents", self.number(1, 99_999))
        elif kind < 94:
            add(b"SADD", b"tags:%d" % (key // 32), b"t%d" % int(draw() * 2000),
                b"t%d" % int(draw() * 2000))
        elif kind < 97:
            add(b"PEXPIREAT", b"order:%d:json" % key,
                b"%d" % (EXPIRY_FIRST_MS + int(draw() * EXPIRY_SPAN_MS)))
        else:
            add(b"DEL", b"order:%d:json" % key)


def check(path):
    """Loads the file into a redis-server; ends with an error where it says a word against it."""
    folder = tempfile.mkdtemp(prefix="redisops-aof-")
    try:
        os.symlink(os.path.abspath(path), os.path.join(folder, "appendonly.aof"))
        log = os.path.join(folder, "log")
        server = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", os.path.join(folder, "s"),
             "--dir", folder, "--save", "", "--appendonly", "yes", "--logfile", log],
            stdin=subprocess.DEVNULL)
        while server.poll() is None:
            with open(log, "a+") as file:
                file.seek(0)
                said = file.read()
            if "eady to accept" in said:
                break
            try:
                server.wait(0.5)
            except subprocess.TimeoutExpired:
                pass
        server.kill()
        server.wait()
    finally:
        shutil.rmtree(folder)
    if "eady to accept" not in said or re.search("CRITICAL|[Bb]ad file|[Uu]nexpected", said):
        sys.exit("bench-aof: the server is not content:\n" + said[-2000:])
    print([line for line in said.splitlines() if "DB loaded" in line][0])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=SEED)
    kinds = parser.add_subparsers(dest="kind", required=True)
    mix = kinds.add_parser("mix")
    mix.add_argument("--commands", type=int, default=10_400_000)
    mix.add_argument("--check", action="store_true", help="load it into a redis-server")
    huge = kinds.add_parser("huge")
    huge.add_argument("--bytes", type=int, default=512 << 20)
    many = kinds.add_parser("many")
    many.add_argument("--arguments", type=int, default=1_000_000)
    for subparser in (mix, huge, many):
        subparser.add_argument("path", metavar="OUT.aof")
    arguments = parser.parse_args()

    os.makedirs(os.path.dirname(os.path.abspath(arguments.path)), exist_ok=True)
    with open(arguments.path, "wb", buffering=0) as file:
        log = Log(file)
        if arguments.kind == "mix":
            Mix(log, arguments.seed).run(arguments.commands)
        elif arguments.kind == "huge":
            log.add(b"SET", b"huge", noise(arguments.seed, arguments.bytes))
        else:
            members = (b"member:%d" % number for number in range(arguments.arguments - 2))
            log.add(b"SADD", b"many", *members)
        log.flush()
    print("%s: %d commands, %d bytes" % (
        arguments.path, log.count, os.path.getsize(arguments.path)))
    if arguments.kind == "mix" and arguments.check:
        check(arguments.path)


if __name__ == "__main__":
    main()
