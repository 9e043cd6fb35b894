"""A load generator in a process of its own: ``site_load.py KIND PORT SECONDS CONNECTIONS PACE < paths``.

Closed (PACE 0): each connection asks again as soon as it is answered. Paced: each connection asks once in
PACE seconds, spread evenly, and lateness counts as waiting. Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

BROWSER = (
    "Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: de-BE,de;q=0.9,fr;q=0.7,en;q=0.5\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
    "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: none\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
)
"""What a browser sends along when it asks for a page."""


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, path: str, accept: str
) -> int:
    """One GET on a kept-alive connection; the status."""
    browser = BROWSER if "html" in accept else ""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: {accept}\r\n{browser}\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), None)
    if length is not None:
        await reader.readexactly(length)
    elif any(b"chunked" in line for line in lines):
        while size := int((await reader.readline()).strip() or b"0", 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    return int(lines[0].split()[1])


async def connection(
    index: int, port: int, paths: list[str], ends: float, pace: float, many: int, accept: str,
    waits: list[float], wrong: list[int],
) -> None:  # fmt: skip
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    host, step = f"127.0.0.1:{port}", index
    due = time.perf_counter() + (pace * index / many if pace else 0.0)
    while time.perf_counter() < ends:
        if pace:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        began = due if pace else time.perf_counter()
        try:
            status = await ask(reader, writer, host, paths[step % len(paths)], accept)
        except (asyncio.IncompleteReadError, ConnectionError):  # counted as a failure, then a new connection
            status = 0
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
        if status != 200:
            wrong.append(status)
        waits.append(time.perf_counter() - began)
        step += many if not pace else 1
        due += pace
    writer.close()


async def run(port: int, seconds: float, many: int, pace: float, accept: str, paths: list[str]) -> None:
    waits: list[float] = []
    wrong: list[int] = []
    began = time.perf_counter()
    ends = began + seconds
    jobs = [connection(i, port, paths, ends, pace, many, accept, waits, wrong) for i in range(many)]
    await asyncio.gather(*jobs)
    took = time.perf_counter() - began
    waits.sort()
    at = lambda q: waits[min(len(waits) - 1, int(q * len(waits)))] * 1e3 if waits else 0.0  # noqa: E731
    print(json.dumps({"requests": len(waits), "per_second": len(waits) / took, "wrong": len(wrong),
                      "p50_ms": at(0.5), "p99_ms": at(0.99), "most_ms": at(1.0)}))  # fmt: skip


if __name__ == "__main__":
    port, seconds, many, pace = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    asyncio.run(
        run(port, seconds, many, pace, sys.argv[5], [line.strip() for line in sys.stdin if line.strip()])
    )
