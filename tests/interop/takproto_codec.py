# pyright: basic, reportMissingImports=false
"""takproto at the other end of two pipes: {"decode": HEX} or {"encode": XML, "form": "MESH"}."""

import json
import sys

import takproto
from google.protobuf.json_format import MessageToDict

for line in sys.stdin:
    asked = json.loads(line)
    if "decode" in asked:
        message = takproto.parse_proto(bytearray.fromhex(asked["decode"]))
        answer = {"decoded": MessageToDict(message)}
    else:
        form = takproto.TAKProtoVer[asked["form"]]
        answer = {"encoded": takproto.xml2proto(asked["encode"], form).hex()}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
