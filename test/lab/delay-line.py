"""Two network namespaces joined by a line with a delay: delay-line.py NAMESPACE ADDRESS/BITS NAMESPACE ADDRESS/BITS

The kernel may lack netem; a TUN device needs no module. Packets of the first namespace pass at once; those of the
second arrive after the delay, so that the delay is that of a round trip. Lines on standard input set it:
"DELAY_MS LOSS_RATIO". Prints "ready" once the line stands and after each setting; ends with standard input.
"""
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001
LONGEST_PACKET = 2048
SPIN_SECONDS = 0.0001


def open_end(name, namespace, address):
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH22s", name.encode(), IFF_TUN_NO_PI, b""))
    for command in (
        ["ip", "link", "set", name, "netns", namespace],
        ["ip", "-n", namespace, "addr", "add", address, "dev", name],
        ["ip", "-n", namespace, "link", "set", name, "up"],
    ):
        subprocess.run(command, check=True)
    return end


def packets(end):
    while True:
        try:
            yield os.read(end, LONGEST_PACKET)
        except BlockingIOError:
            return


def write(end, packet):
    try:
        os.write(end, packet)
    except OSError:
        pass  # The namespace may be going away.


def main():
    near = open_end(f"dn{os.getpid()}", sys.argv[1], sys.argv[2])
    far = open_end(f"df{os.getpid()}", sys.argv[3], sys.argv[4])
    # The line is no program of the machine under load: it stands for a cable.
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        os.nice(-15)
    delay, loss, number, waiting = 0.0, 0.0, 0, []
    print("ready", flush=True)
    while True:
        pause = None if not waiting else max(0.0, waiting[0][0] - time.monotonic() - SPIN_SECONDS)
        readable, _, _ = select.select([near, far, 0], [], [], pause)
        if 0 in readable:
            line = os.read(0, 100)
            if not line:
                return
            delay_ms, loss = map(float, line.split()[-2:])
            delay = delay_ms / 1000
            print("ready", flush=True)
        if near in readable:
            for packet in packets(near):
                write(far, packet)
        if far in readable:
            for packet in packets(far):
                if random.random() >= loss:
                    number += 1
                    heapq.heappush(waiting, (time.monotonic() + delay, number, packet))
        while waiting and waiting[0][0] <= time.monotonic() + SPIN_SECONDS:
            due, _, packet = heapq.heappop(waiting)
            while time.monotonic() < due:
                pass
            write(near, packet)


main()
