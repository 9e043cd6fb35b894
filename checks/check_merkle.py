"""Compare the record's tree with pymerkle on a random log: roots, inclusion and consistency proofs.

pymerkle is under the GPL: it is no dependency. It is put into a throw-away environment of its own, where it
runs as a second process that gets the leaves and answers with roots and paths. Give the Python of an
environment that has it to skip the download:

    python checks/check_merkle.py [ORACLE/bin/python]
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from bothbanks.record.tree import (
    consistency_path,
    extends,
    grown,
    includes,
    inclusion_path,
    leaf_hash,
    root,
)

SKIPPED = 77
SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100)
ORACLE = """
import json, sys
from pymerkle import InmemoryTree
out = {}
leaves = [bytes.fromhex(text) for text in json.load(sys.stdin)]
tree = InmemoryTree(algorithm="sha256")
for leaf in leaves:
    tree.append_entry(leaf)
sizes = [n for n in %r if n <= len(leaves)]
out["roots"] = {n: tree.get_root(n).hex() for n in sizes}
def path(proof):
    return proof.serialize()["path"]
out["inclusion"] = [[seq, n, path(tree.prove_inclusion(seq + 1, n))] for n in sizes for seq in range(n)]
out["consistency"] = [[m, n, path(tree.prove_consistency(m, n))] for n in sizes for m in sizes if m < n]
json.dump(out, sys.stdout)
"""


def main(python: str) -> int:
    chance = random.Random(20261124)
    leaves = [chance.randbytes(chance.randrange(40)) for _ in range(max(SIZES))]
    run = subprocess.run(
        [python, "-c", ORACLE % (SIZES,)],
        input=json.dumps([leaf.hex() for leaf in leaves]),
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = json.loads(run.stdout)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    nodes = grown(hashes).__getitem__
    wrong = [n for n, found in theirs["roots"].items() if root(int(n), nodes).hex() != found]
    checked = len(theirs["roots"])
    # pymerkle folds a path that holds the leaf itself (or the smaller root) in its place, where RFC 9162
    # leaves it out: so the hashes are compared as sets, and ours are put through our own check too.
    for seq, size, path in theirs["inclusion"]:
        ours = inclusion_path(seq, size, nodes)
        same = {bytes.fromhex(h) for h in path} == {*ours, hashes[seq]}
        if not same or not includes(root(size, nodes), size, seq, hashes[seq], ours):
            wrong.append(f"inclusion of {seq} in {size}")
        checked += 1
    for first, second, path in theirs["consistency"]:
        ours, small = consistency_path(first, second, nodes), root(first, nodes)
        # For a power of two pymerkle gives more hashes than the RFC's proof has: only ours is judged.
        same = first & (first - 1) == 0 or {bytes.fromhex(h) for h in path} == {*ours}
        if not same or not extends(first, small, second, bytes.fromhex(theirs["roots"][str(second)]), ours):
            wrong.append(f"consistency of {first} and {second}")
        checked += 1
    print(f"{checked} roots and proofs compared with pymerkle, {len(wrong)} differ")
    for each in wrong[:20]:
        print(f"  {each}")
    return 1 if wrong else 0


def oracle(folder: str) -> str:
    """A Python with pymerkle, in an environment of its own; exits with 77 where it can't be had."""
    venv.create(folder, with_pip=True)
    python = str(Path(folder) / "bin" / "python")
    got = subprocess.run([python, "-m", "pip", "install", "-q", "pymerkle"], capture_output=True, text=True)
    if got.returncode:
        print(f"pymerkle can't be installed: {got.stderr.strip().splitlines()[-1]}")
        raise SystemExit(SKIPPED)
    return python


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(sys.argv[1]))
    with tempfile.TemporaryDirectory() as made:
        sys.exit(main(oracle(made)))
