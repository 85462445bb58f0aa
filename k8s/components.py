"""The components of kustomize that follow from the objects: their files.

autoscaling: as many relays and apis as the load needs.
one-address: a single Service instead of one for each server. It selects every
pod of the site; a port leads to those pods alone whose container has a port of
that name, since targetPort is a name.
redis-sentinel: Redis three times (sentinel.py).
"""
import json

import objects
import sentinel

# What only nginx may open in the base, without TLS: clients that know nothing
# but the ID server ask for it.
PLAIN = {"hbbs": [21118], "hbbr": [21119], "api": [21114]}

# Where private addresses reach the plain ports, they must not be believed:
# the pods of k3s, and of flannel and kubeadm.
POD_NETS = "10.42.0.0/16,10.244.0.0/16"


def component(**more):
    """What it adds is in the site's namespace, whatever builds on it."""
    return {"apiVersion": "kustomize.config.k8s.io/v1alpha1",
            "kind": "Component",
            "namespace": objects.NAMESPACE["metadata"]["name"], **more}


def autoscaling():
    """The count is the autoscaler's: a manifest with one would reset it."""
    return {
        "kustomization.yaml": [component(
            resources=["autoscalers.yaml"],
            patches=[{"target": {"kind": "Deployment",
                                 "name": "|".join(objects.SCALE)},
                      "patch": json.dumps([{"op": "remove",
                                            "path": "/spec/replicas"}])}])],
        "autoscalers.yaml": [objects.autoscaler(n) for n in objects.SCALE]}


def address(services):
    ports = [objects.service_port(port)
             for name, service in services.items()
             for port in objects.container_ports(name, service)
             if port["containerPort"] in (objects.PUBLIC.get(name, [])
                                          + PLAIN.get(name, []))]
    return {"apiVersion": "v1", "kind": "Service",
            "metadata": objects.meta("public"),
            "spec": {"type": "LoadBalancer",
                     "selector": {"app.kubernetes.io/part-of":
                                  "rustdesk-server"},
                     "externalTrafficPolicy": "Local",
                     "ports": sorted(ports, key=lambda p: p["port"])}}


def plain_policy(name, ports):
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": objects.meta(f"{name}-plain"),
            "spec": {"podSelector": {"matchLabels": objects.labels(name)},
                     "policyTypes": ["Ingress"],
                     "ingress": [{"ports": [{"port": p, "protocol": "TCP"}
                                            for p in ports]}]}}


def removed(service):
    return {"patch": json.dumps({
        "$patch": "delete", "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": service}})}


def one_address(services):
    return {
        "kustomization.yaml": [component(
            resources=["address.yaml"],
            configMapGenerator=[
                {"name": objects.SETTINGS.format(name), "behavior": "merge",
                 "literals": [f"TRUSTED_PROXIES={POD_NETS}"]}
                for name in PLAIN],
            patches=[removed(f"{name}-public") for name in objects.PUBLIC])],
        "address.yaml": [address(services), *(
            plain_policy(name, ports) for name, ports in PLAIN.items())]}


def redis_sentinel(services, override):
    """A patch replaces what the base has, and a file has the rest."""
    changed, more = sentinel.split(services, override)
    return {
        "kustomization.yaml": [component(
            resources=["three.yaml"],
            patches=[removed("redis"),
                     *({"target": {"kind": d["kind"],
                                   "name": d["metadata"]["name"]},
                        "path": file} for file, d in changed.items()),
                     {"target": {"kind": "Deployment",
                                 "name": "|".join(sentinel.SERVERS)},
                      "path": "servers.yaml"}])],
        "three.yaml": more,
        **{file: [[{"op": "replace", "path": "/spec", "value": d["spec"]}]]
           for file, d in changed.items()},
        "servers.yaml": [[
            {"op": "add", "path": "/spec/template/spec/containers/0/env/-",
             "value": value} for value in sentinel.server_environment()]]}


def files(services, override):
    """Path below k8s/components -> its objects."""
    made = {"autoscaling": autoscaling(), "one-address": one_address(services),
            "redis-sentinel": redis_sentinel(services, override)}
    return {f"{folder}/{name}": docs for folder, found in made.items()
            for name, docs in found.items()}
