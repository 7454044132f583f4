"""Prints what components say, as it comes, with nothing but Python's own library.

    python3 reader.py http://127.0.0.1:8080 tel.summit.Greenhouse.0.climate
"""
import json
import sys
from urllib.parse import quote
from urllib.request import urlopen


def samples(gateway: str, topics: str):
    kind = ""
    for line in urlopen(f"{gateway}/live/events?topics={quote(topics)}"):
        name, _, text = line.decode().rstrip("\n").partition(": ")
        if name == "data" and kind == "":
            yield json.loads(text)
        kind = {"event": text, "": ""}.get(name, kind)


for sample in samples(*sys.argv[1:3]):
    print(sample["subject"], json.dumps(sample["fields"]), flush=True)
