#!/usr/bin/env python3
"""Writes src/model/constraints/<service>.json: the constraints of each operation's input (required, length, range,
pattern, enum), read from the installed botocore's service models. Facts only, no documentation texts.

Run:  python3 scripts/generateConstraints.py            all services
      python3 scripts/generateConstraints.py iam sts    some of them
"""

import glob
import gzip
import json
import os
import sys

import botocore

# Our service name -> botocore's. EC2 has no file yet: it is in the model table for protocol tests only.
SERVICES = {
    "cloudtrail": "cloudtrail",
    "cloudwatch": "cloudwatch",
    "codebuild": "codebuild",
    "codecommit": "codecommit",
    "codedeploy": "codedeploy",
    "codepipeline": "codepipeline",
    "events": "events",
    "iam": "iam",
    "kms": "kms",
    "logs": "logs",
    "s3": "s3",
    "secretsmanager": "secretsmanager",
    "sns": "sns",
    "ssm": "ssm",
    "sts": "sts",
}
OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src", "model", "constraints")
NUMBERS = {"integer": "integer", "long": "integer", "float": "number", "double": "number"}
ANYTHING = ("(?s).*", "[\\s\\S]*")


def read_model(name):
    found = sorted(glob.glob(os.path.join(os.path.dirname(botocore.__file__), "data", name, "*", "service-2.json*")))
    if not found:
        sys.exit(f"botocore {botocore.__version__} has no model of {name}")
    opener = gzip.open if found[-1].endswith(".gz") else open
    with opener(found[-1]) as file:
        return json.load(file)


def fact(shape):
    """The constraints of one shape, or None for a shape that can have none (booleans, timestamps ...)."""
    kind = shape["type"]
    limits = {key: int(shape[key]) if float(shape[key]).is_integer() else shape[key] for key in ("min", "max") if key in shape}
    if kind == "structure":
        if shape.get("eventstream") or shape.get("document"):
            return None
        members = {name: member["shape"] for name, member in shape.get("members", {}).items()}
        out = {"type": "structure", "members": members}
        if shape.get("required"):
            out["required"] = shape["required"]
        if shape.get("union"):
            out["union"] = True
        return out
    if kind == "list":
        return {"type": "list", **limits, "item": shape["member"]["shape"]}
    if kind == "map":
        return {"type": "map", **limits, "key": shape["key"]["shape"], "value": shape["value"]["shape"]}
    if kind in NUMBERS:
        return {"type": NUMBERS[kind], **limits}
    if kind in ("string", "blob"):
        out = {"type": kind, **limits}
        if shape.get("pattern") and shape["pattern"] not in ANYTHING:
            out["pattern"] = shape["pattern"]
        if shape.get("enum"):
            out["enum"] = shape["enum"]
        if shape.get("sensitive"):
            out["sensitive"] = True
        return out
    return None


def own_constraints(out):
    return any(key in out for key in ("required", "min", "max", "pattern", "enum", "union")) or out["type"] == "integer"


def children(out):
    if out["type"] == "structure":
        return list(out["members"].values())
    return [out[key] for key in ("item", "key", "value") if key in out]


def generate(service):
    model = read_model(SERVICES[service])
    facts = {name: out for name, shape in model["shapes"].items() if (out := fact(shape))}
    inputs = {name: op["input"]["shape"] for name, op in model["operations"].items() if "input" in op}

    kept = {name for name, out in facts.items() if own_constraints(out)}
    while True:  # a shape is kept when anything below it is
        more = {name for name, out in facts.items() if name not in kept and any(c in kept for c in children(out))}
        if not more:
            break
        kept |= more

    reached, queue = set(), [name for name in inputs.values() if name in kept]
    while queue:
        name = queue.pop()
        if name not in reached:
            reached.add(name)
            queue += [child for child in children(facts[name]) if child in kept]

    shapes = {}
    for name in sorted(reached):
        out = dict(facts[name])
        if out["type"] == "structure":
            out["members"] = {key: child for key, child in out["members"].items() if child in kept}
            if not out["members"]:
                del out["members"]
        else:
            for key in ("item", "key", "value"):
                if key in out and out[key] not in kept:
                    del out[key]
        shapes[name] = out

    operations = {name: shape for name, shape in sorted(inputs.items()) if shape in reached}
    return {"apiVersion": model["metadata"]["apiVersion"], "operations": operations, "shapes": shapes}


def write(service):
    found = generate(service)
    line = lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    parts = [f'"apiVersion":{line(found["apiVersion"])}', f'"operations":{line(found["operations"])}']
    rows = ",\n".join(f"{line(name)}:{line(out)}" for name, out in found["shapes"].items())
    text = "{" + ",\n".join(parts) + ',\n"shapes":{\n' + rows + "\n}}\n"
    json.loads(text)
    os.makedirs(OUT, exist_ok=True)
    with open(os.path.join(OUT, f"{service}.json"), "w") as file:
        file.write(text)
    print(f"{service}: {len(found['operations'])} operations, {len(found['shapes'])} shapes, {len(text)} bytes")


for chosen in sys.argv[1:] or SERVICES:
    write(chosen)
