"""The Kubernetes objects, as kustomize would send them, and the API's schema.

python3-kubernetes has classes that are generated from the Kubernetes OpenAPI
schema. The overlays are built where there is a kubectl of this decade (Debian
12's knows no components); the base always is.
"""
import pathlib
import re
import shutil
import subprocess

import kubernetes.client as k8s
import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
K8S = ROOT / "k8s"
KINDS = {
    ("v1", "Namespace"): "V1Namespace",
    ("v1", "ConfigMap"): "V1ConfigMap",
    ("v1", "Service"): "V1Service",
    ("apps/v1", "Deployment"): "V1Deployment",
    ("apps/v1", "StatefulSet"): "V1StatefulSet",
    ("policy/v1", "PodDisruptionBudget"): "V1PodDisruptionBudget",
    ("networking.k8s.io/v1", "NetworkPolicy"): "V1NetworkPolicy",
    ("networking.k8s.io/v1", "Ingress"): "V1Ingress",
    # Debian 12's classes lack v2, which has the same fields.
    ("autoscaling/v2", "HorizontalPodAutoscaler"):
        "V2beta2HorizontalPodAutoscaler",
}
# Fields that Kubernetes has had since 1.27 and Debian 12's classes lack.
NEWER = {"V1TopologySpreadConstraint": {"nodeTaintsPolicy": str,
                                        "matchLabelKeys": list}}
PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float)}


def kustomize_major():
    if not shutil.which("kubectl"):
        return 0
    out = subprocess.run(["kubectl", "version", "--client", "-o", "yaml"],
                         capture_output=True, text=True).stdout
    found = re.search(r"kustomizeVersion: v(\d+)", out)
    return int(found[1]) if found else 0


needs_kustomize = pytest.mark.skipif(
    kustomize_major() < 4, reason="no kubectl with kustomize 4 or newer")


def base():
    return [d for f in sorted((K8S / "base").glob("*.yaml"))
            if f.name != "kustomization.yaml"
            for d in yaml.safe_load_all(f.read_text())]


def build(*folders):
    """What kubectl would apply for an overlay with components added."""
    where = K8S / folders[0]
    if len(folders) > 1:
        rel = [pathlib.Path("..") / f for f in folders]
        where = K8S / "build-test"
        where.mkdir()
        (where / "kustomization.yaml").write_text(yaml.safe_dump({
            "resources": [str(rel[0])],
            "components": [str(r) for r in rel[1:]]}))
    try:
        out = subprocess.run(["kubectl", "kustomize", str(where)], check=True,
                             capture_output=True, text=True).stdout
    finally:
        if len(folders) > 1:
            (where / "kustomization.yaml").unlink()
            where.rmdir()
    return [d for d in yaml.safe_load_all(out) if d]


VARIANTS = {
    "base": [],
    "single": ["overlays/single"],
    "three-nodes": ["overlays/three-nodes"],
    "external-redis": ["overlays/three-nodes", "components/external-redis"],
    "autoscaling": ["overlays/three-nodes", "components/autoscaling"],
    "one-address": ["overlays/one-address"],
    "one-address-three-nodes": ["overlays/three-nodes",
                                "components/one-address"],
    "redis-sentinel": ["overlays/redis-sentinel"],
    "one-address-sentinel": ["overlays/one-address",
                             "components/redis-sentinel"],
}


def check(value, type_name, path, errors):
    """Strict: unknown fields, wrong types and missing fields are errors."""
    inner = re.fullmatch(r"list\[(.*)\]", type_name)
    if inner:
        if not isinstance(value, list):
            errors.append(f"{path}: not a list")
            return
        for i, item in enumerate(value):
            check(item, inner[1], f"{path}[{i}]", errors)
        return
    inner = re.fullmatch(r"dict\(str, (.*)\)", type_name)
    if inner:
        for key, item in value.items():
            check(item, inner[1], f"{path}.{key}", errors)
        return
    if type_name in PLAIN:
        if not isinstance(value, PLAIN[type_name]):
            errors.append(f"{path}: {value!r} is not {type_name}")
        return
    if type_name == "object":  # int-or-string
        if not isinstance(value, (int, str, dict)):
            errors.append(f"{path}: {value!r}")
        return
    check_model(value, getattr(k8s, type_name), path, errors)


def check_model(value, model, path, errors):
    if not isinstance(value, dict):
        errors.append(f"{path}: {value!r} is not {model.__name__}")
        return
    fields = {model.attribute_map[a]: a for a in model.openapi_types}
    given = {}
    newer = NEWER.get(model.__name__, {})
    for key, item in value.items():
        if key not in fields and isinstance(item, newer.get(key, ())):
            continue
        if key not in fields:
            errors.append(f"{path}.{key}: unknown field of {model.__name__}")
            continue
        given[fields[key]] = item
        check(item, model.openapi_types[fields[key]], f"{path}.{key}", errors)
    try:
        model(**given)  # raises for a missing required field, a bad enum
    except ValueError as e:
        errors.append(f"{path}: {e}")


def of_kind(docs, *kinds):
    return [d for d in docs if d.get("kind") in kinds]


def workloads(docs):
    return {d["metadata"]["name"]: d
            for d in of_kind(docs, "Deployment", "StatefulSet")}


def container(doc):
    return doc["spec"]["template"]["spec"]["containers"][0]


def invalid(docs):
    """What the schema has against the objects."""
    errors = []
    for d in docs:
        name = KINDS[(d["apiVersion"], d["kind"])]
        check_model(d, getattr(k8s, name),
                    f"{d['kind']}/{d['metadata']['name']}", errors)
    return errors
