"""Makes bodies that no client sends, from what GET /api/openapi.json says:
every member of every route absent, null, of every other type, deeply nested,
huge and twice. Texts, not objects: a member can be there twice.

usage: hostile.py OPENAPI.json FOLDER   writes the corpus of fuzz_api_call"""
import json
import os
import random
import re
import sys

GUID = "0197f3a2-0000-7000-8000-000000000001"

DEEP = 20
HUGE = 100_000


def nest(depth, inner="1"):
    return "[" * depth + inner + "]" * depth


WRONG = {
    "null": "null", "true": "true", "zero": "0", "minus": "-1", "big": str(2**64 - 1),
    "bigger": "1" + "0" * 40, "float": "1.5", "exponent": "1e999", "empty": '""', "text": '"x"',
    "list": "[]", "object": "{}", "strings": '["x"]', "numbers": "[1,2]", "nulls": "[null,null]",
    "mixed": '[{},[],1,null,"x"]', "inner": '{"name":null,"type":"x","guid":[]}',
    "deep": nest(12), "deeper": nest(DEEP), "deep object": '{"a":' * 12 + "1" + "}" * 12,
    "nul": '"a\\u0000b"', "control": '"' + "\\u0001" * 50 + '"', "surrogate": '"\\ud800"',
    "utf8": '"\\u00e9\\u4e2d"', "huge": '"' + "x" * HUGE + '"', "long list": "[" + "1," * 2000 + "1]",
}
BODIES = ["", "null", "true", "0", '"x"', "[]", "[null]", "[[]]", '["x"]', "{}", "{", "{}{}", "[1,2",
          nest(DEEP), '{"a":' * DEEP + "1" + "}" * DEEP, "\xff", "{\"\":null}", "[" + '"x",' * 1500 + '"x"]']


def example(shape):
    """A value that fits, as text."""
    kind = shape.get("type")
    if kind == "object":
        return obj({k: example(v) for k, v in shape.get("properties", {}).items()})
    if kind == "array":
        return "[" + example(shape.get("items", {"type": "string"})) + "]"
    return {"string": '"x"', "integer": "1", "boolean": "true"}[kind]


def obj(members):
    return "{" + ",".join(f"{json.dumps(k)}:{v}" for k, v in members.items()) + "}"


def too_long(shape):
    """A value just over what the shape allows, or None."""
    if "maxLength" in shape:
        return '"' + "x" * (shape["maxLength"] + 1) + '"'
    if "maxItems" in shape:
        return "[" + ",".join([example(shape.get("items", {"type": "string"}))] *
                              (shape["maxItems"] + 1)) + "]"
    return None


def base_of(shape, values):
    """Each member as text: something real where VALUES has it."""
    return {k: json.dumps(values[k]) if k in values and v.get("type") == "string"
            else example(v)
            for k, v in shape.get("properties", {}).items()}


def bodies(shape, values, thorough=True):
    """(what it is, text)."""
    for text in BODIES if thorough else BODIES[:4]:
        yield "body " + text[:10], text
    props = shape.get("properties", {})
    base = base_of(shape, values)
    yield "example", obj(base)
    yield "unknown", obj({**base, "no such member": "1"})
    for name, inner in props.items():
        yield f"{name} absent", obj({k: v for k, v in base.items() if k != name})
        for what, value in WRONG.items() if thorough else list(WRONG.items())[:2]:
            yield f"{name} {what}", obj({**base, name: value})
        twice = obj(base)[:-1] + f",{json.dumps(name)}:{example(inner)},{json.dumps(name)}:null" + "}"
        yield f"{name} twice", twice
        if inner.get("type") == "object" and thorough:
            for what, text in bodies(inner, {}, False):
                if text:
                    yield f"{name}.{what}", obj({**base, name: text})


def random_body(rng, shape, values):
    """Several members wrong at once."""
    wrong = list(WRONG.values())
    base = base_of(shape, values)
    members = {}
    for name, value in base.items():
        dice = rng.random()
        if dice < 0.4:
            members[name] = rng.choice(wrong)
        elif dice < 0.9:
            members[name] = value
    text = obj(members)
    if rng.random() < 0.2:
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(["", "\"", "}", "\\", "\x00", "[", ","]) + text[at + 1:]
    return text


def operations(openapi):
    """(METHOD, path, shape of the body, query names, what is required)."""
    for path, item in openapi["paths"].items():
        for method, op in item.items():
            content = op.get("requestBody", {}).get("content", {})
            shape = content.get("application/json", {}).get("schema", {"type": "object"})
            names = [p["name"] for p in op["parameters"] if p["in"] == "query"]
            yield method.upper(), path, shape, names, op


def rng_of(seed):
    return random.Random(seed)


def write_corpus(openapi, folder):
    """One input of fuzz_api_call for each operation: a call that fits."""
    os.makedirs(folder, exist_ok=True)
    values = dict(id="x", uuid="eA==", guid=GUID)
    for method, path, shape, names, _ in operations(openapi):
        bare, _, condition = path.partition("?")
        query = "&".join([condition] * bool(condition) + [f"{n}=x" for n in names])
        url = bare.replace("{guid}", GUID).replace("{section}", "general")
        body = obj(base_of(shape, values)) if shape.get("type") == "object" else example(shape)
        text = f"{method} {url}{'?' if query else ''}{query}\na0cg\n{body}"
        name = re.sub(r"[^a-z]+", "-", f"{method}-{bare}".lower()).strip("-")
        with open(os.path.join(folder, name), "w") as f:
            f.write(text)


if __name__ == "__main__":
    with open(sys.argv[1]) as source:
        write_corpus(json.load(source), sys.argv[2])
