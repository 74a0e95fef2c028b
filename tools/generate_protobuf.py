"""Write wire/cot/tak_pb2.py, fig_pb2.py and their .pyi anew from tak.proto and fig.proto.

Needs grpcio-tools 1.85.1, which nothing else does, so it lives in an environment of its own:

    python -m venv .cache/protoc && .cache/protoc/bin/pip install grpcio-tools==1.85.1
    .cache/protoc/bin/python tools/generate_protobuf.py [FOLDER]

FOLDER stands for src, for a copy to compare with; left out, the files in src are replaced.
"""

import sys
from pathlib import Path

import grpc_tools.protoc

SOURCE = Path(__file__).resolve().parents[1] / "src"
# The paths under src are the names in protobuf's process-wide pool, so they must be ours alone.
PROTOS = ("accord/wire/cot/tak.proto", "accord/wire/cot/fig.proto")


def main() -> int:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE
    outputs = [f"--python_out={target}", f"--pyi_out={target}"]
    return grpc_tools.protoc.main(["protoc", f"-I{SOURCE}", *outputs, *PROTOS])


if __name__ == "__main__":
    sys.exit(main())
