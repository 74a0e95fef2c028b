"""Write wire/cot/tak_pb2.py and tak_pb2.pyi anew from tak.proto.

Needs grpcio-tools 1.85.1, which nothing else does, so it lives in an environment of its own:

    python -m venv .cache/protoc && .cache/protoc/bin/pip install grpcio-tools==1.85.1
    .cache/protoc/bin/python tools/generate_protobuf.py [FOLDER]

FOLDER stands for src, for a copy to compare with; left out, the files in src are replaced.
"""

import sys
from pathlib import Path

import grpc_tools.protoc

SOURCE = Path(__file__).resolve().parents[1] / "src"
# The path under src is the name in protobuf's process-wide pool, so it must be ours alone.
PROTO = "accord/wire/cot/tak.proto"


def main() -> int:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE
    outputs = [f"--python_out={target}", f"--pyi_out={target}"]
    return grpc_tools.protoc.main(["protoc", f"-I{SOURCE}", *outputs, PROTO])


if __name__ == "__main__":
    sys.exit(main())
