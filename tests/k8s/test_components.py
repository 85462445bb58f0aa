"""What an overlay may add: one address, autoscalers, an ingress controller."""
import re

import pytest
from manifests import (ROOT, VARIANTS, build, container, invalid,
                       needs_kustomize, of_kind, workloads)

pytestmark = needs_kustomize
CONTROLLERS = ["ingress-nginx", "ingress-traefik", "gateway"]
PATHS = {"/ws/id": ("hbbs", 21118), "/ws/relay": ("hbbr", 21119),
         "/": ("api", 21114)}


def by_name(docs, kind):
    return {d["metadata"]["name"]: d["spec"] for d in of_kind(docs, kind)}


def admits(policy, port):
    """The sources that a policy lets in on a port."""
    return [rule.get("from") for rule in policy["ingress"]
            if port in [p["port"] for p in rule["ports"]]]


@pytest.mark.parametrize("variant", ["one-address", "one-address-three-nodes"])
def test_one_address_has_every_port_and_no_other_is_public(variant):
    docs = build(*VARIANTS[variant])
    balanced = {n: s for n, s in by_name(docs, "Service").items()
                if s.get("type") == "LoadBalancer"}
    assert set(balanced) == {"public"}
    assert {(p["port"], p["protocol"]) for p in balanced["public"]["ports"]} == {
        (21116, "UDP"), *((n, "TCP") for n in (
            80, 443, 21114, 21115, 21116, 21117, 21118, 21119))}
    policies = by_name(docs, "NetworkPolicy").values()
    for name, w in workloads(docs).items():
        labels = w["spec"]["template"]["metadata"]["labels"]
        mine = [p for p in policies if p["podSelector"]["matchLabels"].items()
                <= labels.items()]
        public = {p["targetPort"] for p in balanced["public"]["ports"]}
        for port in container(w)["ports"]:
            open_to_all = any(None in admits(p, port["containerPort"])
                              for p in mine)
            assert open_to_all == (port["name"] in public), (name, port)


@pytest.mark.parametrize("variant", ["one-address", "one-address-three-nodes"])
def test_who_reaches_a_plain_port_from_a_lan_is_not_believed(variant):
    maps = {re.sub(r"-[0-9a-z]{10}$", "", d["metadata"]["name"]): d["data"]
            for d in of_kind(build(*VARIANTS[variant]), "ConfigMap")}
    for name in ("hbbs", "hbbr", "api"):
        assert maps[f"rustdesk-{name}"]["TRUSTED_PROXIES"] == (
            "10.42.0.0/16,10.244.0.0/16")


def test_behind_one_address_all_servers_share_a_node():
    """Else a node gets traffic for a server that it does not have."""
    for name, w in workloads(build("overlays/one-address")).items():
        if name == "redis":
            continue
        pod = w["spec"]["template"]
        term, = pod["spec"]["affinity"]["podAffinity"][
            "requiredDuringSchedulingIgnoredDuringExecution"]
        assert term["topologyKey"] == "kubernetes.io/hostname"
        for rule in term["labelSelector"]["matchExpressions"]:
            # Its own term finds it: the first pod is not kept waiting.
            inside = pod["metadata"]["labels"][rule["key"]] in rule["values"]
            assert inside == (rule["operator"] == "In")


def test_no_manifest_resets_what_an_autoscaler_decides():
    docs = build(*VARIANTS["autoscaling"])
    scalers = by_name(docs, "HorizontalPodAutoscaler")
    assert set(scalers) == {"hbbr", "api"}
    for name, w in workloads(docs).items():
        assert ("replicas" in w["spec"]) == (name not in scalers)
    for name, spec in scalers.items():
        assert spec["scaleTargetRef"]["name"] == name
        assert spec["minReplicas"] == 3     # what three-nodes has without


def test_no_two_relays_drain_at_once_because_load_fell():
    docs = build(*VARIANTS["autoscaling"])
    for name, spec in by_name(docs, "HorizontalPodAutoscaler").items():
        down = spec["behavior"]["scaleDown"]
        grace = workloads(docs)[name]["spec"]["template"]["spec"][
            "terminationGracePeriodSeconds"]
        policy, = down["policies"]
        assert (policy["type"], policy["value"]) == ("Pods", 1)
        assert policy["periodSeconds"] >= grace
        assert down["stabilizationWindowSeconds"] > grace


def ways(docs):
    """Path -> service and port, of an Ingress or an HTTPRoute."""
    for spec in by_name(docs, "Ingress").values():
        for path in spec["rules"][0]["http"]["paths"]:
            service = path["backend"]["service"]
            yield path["path"], (service["name"], service["port"]["number"])
    for spec in by_name(docs, "HTTPRoute").values():
        for rule in spec["rules"]:
            backend, = rule["backendRefs"]
            match, = rule["matches"]
            yield match["path"]["value"], (backend["name"], backend["port"])


@pytest.mark.parametrize("controller", CONTROLLERS)
@pytest.mark.parametrize("overlay", ["single", "three-nodes"])
def test_a_controller_gets_to_each_server_and_its_port(controller, overlay):
    docs = build(f"overlays/{overlay}", f"components/{controller}")
    assert not invalid([d for d in docs if d["kind"] != "HTTPRoute"])
    assert dict(ways(docs)) == PATHS
    assert "nginx" not in workloads(docs)
    services = by_name(docs, "Service")
    assert set(services) == {"hbbs", "hbbr", "api", "redis", "hbbs-public",
                             "hbbr-public"}
    policies = by_name(docs, "NetworkPolicy")
    for name, port in PATHS.values():
        assert port in [p["port"] for p in services[name]["ports"]]
        way, = admits(policies[f"{name}-ingress"], port)
        assert way[0]["namespaceSelector"]["matchLabels"]


def test_a_silent_websocket_outlasts_a_day():
    docs = build("overlays/single", "components/ingress-nginx")
    ingress, = of_kind(docs, "Ingress")
    marks = ingress["metadata"]["annotations"]
    for way in ("read", "send"):
        assert marks[f"nginx.ingress.kubernetes.io/proxy-{way}-timeout"] == (
            "86400")
    route, = by_name(build("overlays/single", "components/gateway"),
                     "HTTPRoute").values()
    assert [r["timeouts"] for r in route["rules"] if "timeouts" in r] == [
        {"request": "0s", "backendRequest": "0s"}] * 2


def test_every_component_is_documented():
    text = (ROOT / "docs/kubernetes.md").read_text()
    for folder in (ROOT / "k8s/components").iterdir():
        assert f"components/{folder.name}" in text
