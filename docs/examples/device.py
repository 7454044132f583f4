"""A device on NATS that tells its temperature once a second. It needs nats-py.

    python3 device.py nats://127.0.0.1:4222 summit
"""
import asyncio
import json
import random
import sys

import nats


async def speak(broker_url: str, site: str) -> None:
    broker = await nats.connect(broker_url)
    device = f"raw.{site}.Greenhouse.0"
    while True:
        await broker.publish(f"{device}.hb", b"")
        climate = {"celsius": 20 + random.random(), "isOpen": False}
        await broker.publish(f"{device}.tel.climate", json.dumps(climate).encode())
        await asyncio.sleep(1)


asyncio.run(speak(*sys.argv[1:3]))
