"""Redis three times on Kubernetes: what the component and the chart make."""

import re

import pytest
import yaml
from manifests import (K8S, ROOT, VARIANTS, build, container, needs_kustomize,
                       of_kind, workloads)

pytestmark = needs_kustomize
PORTS = {"redis": 6379, "sentinel": 26379}
SERVERS = ("hbbs", "hbbr", "api")


@pytest.fixture(scope="module", params=[
    "redis-sentinel", "one-address-sentinel"], name="docs")
def built(request):
    return build(*VARIANTS[request.param])


def variables(workload):
    return {e["name"]: e for e in container(workload).get("env", [])}


def by_name(docs, kind):
    return {d["metadata"]["name"]: d["spec"] for d in of_kind(docs, kind)}


def test_three_nodes_and_three_sentinels_on_three_machines(docs):
    for name in PORTS:
        w = workloads(docs)[name]
        assert w["kind"] == "StatefulSet" and w["spec"]["replicas"] == 3
        spread, = w["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert spread["whenUnsatisfiable"] == "DoNotSchedule"
        assert spread["topologyKey"] == "kubernetes.io/hostname"
        assert by_name(docs, "PodDisruptionBudget")[name][
            "maxUnavailable"] == 1


def test_the_first_to_start_may_be_one_that_waits_for_another(docs):
    """In order, a replica would wait for a primary that waits for it."""
    for name in PORTS:
        assert workloads(docs)[name]["spec"]["podManagementPolicy"] == (
            "Parallel")


def test_the_name_of_a_dead_pod_still_resolves(docs):
    """Each has an address of its own that is not the pod's."""
    services = by_name(docs, "Service")
    for name, port in PORTS.items():
        for i in range(3):
            spec = services[f"{name}-{i}"]
            assert spec["selector"]["statefulset.kubernetes.io/pod-name"] == (
                f"{name}-{i}")
            assert spec.get("clusterIP") != "None"
            assert spec["publishNotReadyAddresses"] is True
            assert [p["port"] for p in spec["ports"]] == [port]
    # One that leads to any of the three would lead writes to replicas.
    assert "redis" not in services


def test_every_server_asks_every_sentinel_with_the_secrets_password(docs):
    sentinels = ",".join(f"sentinel-{i}:26379" for i in range(3))
    for name in SERVERS:
        env = variables(workloads(docs)[name])
        password = env["REDIS_PASSWORD"]["valueFrom"]["secretKeyRef"]
        assert password == {"name": "rustdesk-redis", "key": "REDIS_PASSWORD"}
        assert env["REDIS_URL"]["value"] == (
            f"redis+sentinel://{sentinels}/site?password=$(REDIS_PASSWORD)"
            "&sentinel_password=$(REDIS_PASSWORD)")
        # Only what stands above is filled in.
        assert list(env).index("REDIS_PASSWORD") < list(env).index("REDIS_URL")


def test_nodes_and_sentinels_are_told_what_their_scripts_want(docs):
    for name, port in PORTS.items():
        script = (ROOT / "services/redis" / {"redis": "node"}.get(
            name, name)).read_text()
        wanted = set(re.findall(r"^#   (\w+) ", script, re.M)) - {
            "SENTINEL_DIR"}
        w = workloads(docs)[name]
        env = variables(w)
        assert set(env) == wanted | {"POD_NAME"}
        own = "REDIS_NODE" if name == "redis" else "SENTINEL_NODE"
        assert env[own]["value"] == f"$(POD_NAME):{port}"
        assert list(env).index("POD_NAME") < list(env).index(own)
        assert env["REDISCLI_AUTH"]["valueFrom"]["secretKeyRef"] == {
            "name": "rustdesk-redis", "key": "REDIS_PASSWORD"}
        assert container(w)["image"].split(":")[0] == "rustdesk-stack/redis"
        mount, = container(w)["volumeMounts"]
        claim, = w["spec"]["volumeClaimTemplates"]
        assert mount == {"name": claim["metadata"]["name"],
                         "mountPath": "/data"}
    assert variables(workloads(docs)["redis"])["SENTINELS"]["value"] == (
        " ".join(f"sentinel-{i}:26379" for i in range(3)))
    assert variables(workloads(docs)["sentinel"])["FIRST_PRIMARY"][
        "value"] == "redis-0:6379"


def test_no_password_is_written_into_an_object(docs):
    said = re.findall(r"password=([^&\s]*)", yaml.safe_dump(docs, width=9999))
    assert set(said) == {"$(REDIS_PASSWORD)"}
    assert not of_kind(docs, "Secret")


def test_who_may_reach_nodes_and_sentinels(docs):
    policies = by_name(docs, "NetworkPolicy")
    for name, port in PORTS.items():
        rule, = policies[name]["ingress"]
        assert [p["port"] for p in rule["ports"]] == [port]
        assert {f["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
                for f in rule["from"]} == {*SERVERS, *PORTS}


def test_a_replica_that_has_not_all_yet_is_not_ready(docs):
    """So that no rollout and no drain takes the next one."""
    probe = container(workloads(docs)["redis"])["readinessProbe"]
    assert probe["exec"]["command"] == ["ready"]
    assert "master_link_status:up" in (
        ROOT / "services/redis/ready").read_text()


def test_sentinels_live_elsewhere_than_the_servers_behind_one_address():
    """Else the first server would be kept waiting, or go to any of theirs."""
    for name, w in workloads(build(*VARIANTS["one-address-sentinel"])).items():
        if name in PORTS:
            continue
        term, = w["spec"]["template"]["spec"]["affinity"]["podAffinity"][
            "requiredDuringSchedulingIgnoredDuringExecution"]
        without, = [r["values"] for r in term["labelSelector"][
            "matchExpressions"] if r["operator"] == "NotIn"]
        assert set(without) == set(PORTS)


@pytest.mark.parametrize("component", sorted(
    p.name for p in (K8S / "components").iterdir()))
def test_what_a_component_adds_is_in_the_sites_namespace(component):
    """An overlay of one's own names none: kubectl would take its default."""
    docs = build("overlays/three-nodes", f"components/{component}")
    assert {d["metadata"].get("namespace") for d in docs
            if d["kind"] != "Namespace"} == {"rustdesk"}
