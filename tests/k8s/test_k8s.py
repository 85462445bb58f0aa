"""The Kubernetes manifests: generated, valid by the API's schema, and whole.

No cluster is asked.
"""
import os
import re
import shlex
import shutil
import subprocess

import kubernetes.client as k8s
import pytest
import yaml
from manifests import (K8S, ROOT, VARIANTS, base, build, check_model, container,
                       invalid, needs_kustomize, of_kind, workloads)


@pytest.fixture(scope="module", params=[
    pytest.param(v, marks=needs_kustomize if v != "base" else ())
    for v in VARIANTS])
def docs(request):
    folders = VARIANTS[request.param]
    return build(*folders) if folders else base()


def test_base_is_what_the_generator_writes():
    subprocess.run([str(K8S / "generate"), "--check"], check=True)


def test_a_changed_compose_file_is_noticed(tmp_path):
    tree = tmp_path / "k8s"
    subprocess.run(["cp", "-r", str(K8S), str(tree)], check=True)
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "docs/redis").mkdir(parents=True)
    shutil.copy(ROOT / "docs/redis/docker-compose.yml", tmp_path / "docs/redis")
    compose = (ROOT / "docker-compose.yml").read_text()
    (tmp_path / "docker-compose.yml").write_text(compose.replace(
        "REDIS_URL:-redis://redis:6379", "REDIS_URL:-redis://other:6379"))
    run = subprocess.run([str(tree / "generate"), "--check"],
                         capture_output=True, text=True)
    assert run.returncode == 1
    assert {line.split()[0] for line in run.stderr.splitlines()} == {
        "k8s/base/kustomization.yaml", "k8s/chart/values.yaml",
        "k8s/chart/values.schema.json"}


def test_every_object_is_valid_by_the_schema(docs):
    assert not invalid(docs)


def test_the_schema_check_refuses_a_misspelt_field():
    errors = []
    check_model({"apiVersion": "v1", "kind": "Service", "metadata": {},
                 "spec": {"port": []}}, k8s.V1Service, "x", errors)
    assert errors


def test_selectors_find_pods_and_ports_exist(docs):
    pods = {n: w["spec"]["template"]["metadata"]["labels"]
            for n, w in workloads(docs).items()}
    for s in of_kind(docs, "Service", "PodDisruptionBudget", "NetworkPolicy"):
        spec = s["spec"]
        want = spec.get("selector") or spec["podSelector"]
        want = dict(want.get("matchLabels", want))
        want.pop("statefulset.kubernetes.io/pod-name", None)   # each has one
        hits = [n for n, l in pods.items() if want.items() <= l.items()]
        if s["metadata"]["name"] != "public":
            assert len(hits) == 1, s["metadata"]["name"]
        found = [p for n in hits for p in container(workloads(docs)[n])["ports"]]
        names = {p["name"]: p for p in found}
        for port in spec.get("ports", []):
            # Of all the pods, one kind alone has a port of that name.
            assert [p["name"] for p in found].count(port["targetPort"]) == 1
            assert port["targetPort"] in names
            assert port["protocol"] == names[port["targetPort"]].get(
                "protocol", "TCP")


def test_udp_and_tcp_share_one_address_that_keeps_the_client(docs):
    public = [s for s in of_kind(docs, "Service")
              if s["metadata"]["name"] in ("hbbs-public", "public")]
    assert len(public) == 1
    spec = public[0]["spec"]
    assert spec["externalTrafficPolicy"] == "Local"
    got = {(p["port"], p["protocol"]) for p in spec["ports"]}
    assert got >= {(21115, "TCP"), (21116, "TCP"), (21116, "UDP")}


def test_pods_are_locked_down(docs):
    for name, w in workloads(docs).items():
        pod = w["spec"]["template"]["spec"]
        c = container(w)
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["automountServiceAccountToken"] is False
        assert c["securityContext"]["readOnlyRootFilesystem"], name
        assert c["securityContext"]["capabilities"]["drop"] == ["ALL"]
        assert c["securityContext"]["allowPrivilegeEscalation"] is False
        assert c["resources"]["requests"] and c["resources"]["limits"]
        assert c["readinessProbe"] and c["livenessProbe"]


def test_only_hbbs_sees_the_private_key(docs):
    for name, w in workloads(docs).items():
        for v in w["spec"]["template"]["spec"].get("volumes", []):
            if v.get("secret", {}).get("secretName") == "rustdesk-key":
                keys = {i["key"] for i in v["secret"]["items"]}
                assert ("id_ed25519" in keys) == (name == "hbbs"), name


def test_every_pod_has_a_network_policy_and_servers_a_budget(docs):
    policies = {p["metadata"]["name"] for p in of_kind(docs, "NetworkPolicy")
                if not p["metadata"]["name"].endswith("-plain")}
    budgets = {p["metadata"]["name"]
               for p in of_kind(docs, "PodDisruptionBudget")}
    assert policies == set(workloads(docs))
    alone = {n for n, w in workloads(docs).items()
             if w["kind"] == "StatefulSet" and w["spec"]["replicas"] == 1}
    assert budgets == set(workloads(docs)) - alone


def references(doc):
    return {e["configMapRef"]["name"] for e in container(doc).get(
        "envFrom", []) if "configMapRef" in e}


def test_a_workload_depends_on_its_own_settings_alone():
    """Else any change restarts all of them, and Redis, at once."""
    made = workloads(base())
    assert references(made["redis"]) == set()
    for name in ("hbbs", "hbbr", "api", "nginx"):
        assert references(made[name]) == {f"rustdesk-{name}"}


# Fixed in the manifests: where they mount, and what the probes ask.
FOLLOWS = {"KEY_FILE", "SECRET_KEY_PATH", "OPS_BIND", "NODE_ID"}


@pytest.mark.parametrize("name", ["hbbs", "hbbr", "api", "nginx"])
def test_no_fixed_value_hides_a_setting_of_the_maps(name):
    """A value of `env` wins over the map: changing the map would do nothing."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    free = {key for line in compose["services"][name]["environment"]
            for key, eq, value in [line.partition("=")]
            if not eq or "${" + key in value}
    fixed = {e["name"] for e in container(workloads(base())[name])["env"]}
    assert not fixed & free - FOLLOWS


def test_redis_refuses_writes_before_the_kernel_ends_it():
    c = container(workloads(base())["redis"])
    given = dict(zip(c["args"][::2], c["args"][1::2]))
    limit = c["resources"]["limits"]["memory"]
    assert limit == "2Gi" and given["--maxmemory"] == "1400mb"


def test_nginx_asks_for_full_names():
    env = {e["name"]: e for e in container(workloads(base())["nginx"])["env"]}
    names = list(env)
    for upstream in ("HBBS_WS", "HBBR_WS", "API"):
        host = env[upstream]["value"].split(":")[0]
        assert host.endswith(".$(POD_NAMESPACE).svc.$(CLUSTER_DOMAIN)")
        # Only what stands above is filled in.
        assert names.index("CLUSTER_DOMAIN") < names.index(upstream)
        assert names.index("POD_NAMESPACE") < names.index(upstream)


def test_a_session_over_443_may_last_as_long_as_a_plain_one():
    grace = {n: w["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
             for n, w in workloads(base()).items()}
    assert grace["nginx"] >= grace["hbbr"]


@needs_kustomize
def test_three_nodes_run_three_of_each_server():
    made = workloads(build("overlays/three-nodes"))
    for name in ("hbbs", "hbbr", "api", "nginx"):
        assert made[name]["spec"]["replicas"] == 3
        # A cordoned node, or a pod about to go, must not block a rollout.
        spread, = made[name]["spec"]["template"]["spec"][
            "topologySpreadConstraints"]
        assert spread["whenUnsatisfiable"] == "DoNotSchedule"
        assert spread["nodeTaintsPolicy"] == "Honor"
        assert spread["matchLabelKeys"] == ["pod-template-hash"]
    assert made["redis"]["spec"]["replicas"] == 1


@needs_kustomize
def test_an_external_redis_replaces_ours():
    docs = build(*VARIANTS["external-redis"])
    assert "redis" not in workloads(docs)
    for name in ("hbbs", "hbbr", "api"):
        refs = container(workloads(docs)[name])["envFrom"]
        assert {"secretRef": {"name": "rustdesk-redis"}} in refs


def documented_objects():
    text = (ROOT / "docs/kubernetes.md").read_text()
    blocks = re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S)
    return [d for b in blocks for d in yaml.safe_load_all(b)]


def test_the_documented_backup_passes_the_namespaces_own_level():
    job, = of_kind(documented_objects(), "CronJob")
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    own, = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"
    assert own["securityContext"]["allowPrivilegeEscalation"] is False
    assert own["securityContext"]["capabilities"]["drop"] == ["ALL"]


def test_every_image_is_named_in_the_documented_overlay():
    """Names nobody else can register."""
    overlay = next(d for d in documented_objects() if "images" in d)
    assert {i["name"] for i in overlay["images"]} == {
        container(w)["image"].split(":")[0] for w in workloads(base()).values()}


def documented_commands():
    text = (ROOT / "docs/kubernetes.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
    return [line for block in blocks for line in block.splitlines()]


def harmless(command):
    """The command without a cluster: what it would send, or its syntax."""
    words = shlex.split(command)
    if "--" in words:
        words = words[:words.index("--")]
    if words[1:3] == ["apply", "-k"]:
        return ["kubectl", "kustomize", str(ROOT / words[3])]
    if "create" in words or words[1] == "label":
        local = ["--local", "-f", str(K8S / "base/namespace.yaml")]
        if words[1] == "label":
            return words[:2] + words[4:] + local + ["-o", "yaml"]
        return words + ["--dry-run=client", "-o", "yaml"]
    return words + ["--help"]


@needs_kustomize
def test_the_documented_commands_work(tmp_path):
    utils = ROOT / "build/release/bin"
    env = dict(os.environ, PATH=f"{utils}:{os.environ['PATH']}")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=x",
                    "-keyout", "tls.key", "-out", "tls.crt"],
                   cwd=tmp_path, check=True, capture_output=True)
    ran = 0
    for line in documented_commands():
        if line.startswith("helm"):     # test_chart.py
            continue
        if line.startswith("shred"):
            assert len((tmp_path / "id_ed25519").read_text()) == 88
            assert len((tmp_path / "api_secret").read_text()) == 45
        argv = (harmless(line) if line.startswith("kubectl")
                else ["sh", "-c", line])
        subprocess.run(argv, cwd=tmp_path, env=env, check=True,
                       capture_output=True)
        ran += 1
    assert ran >= 10
    assert len((tmp_path / "id_ed25519.pub").read_text()) == 44
    for secret in ("pair.txt", "id_ed25519", "api_secret"):
        assert not (tmp_path / secret).exists()


def test_the_documented_ops_ports_are_those_of_the_manifests():
    text = (ROOT / "docs/kubernetes.md").read_text()
    for name in ("hbbs", "hbbr", "api"):
        ports = {p["name"]: p["containerPort"]
                 for p in container(workloads(base())[name])["ports"]}
        assert f"{ports['ops']} {name}" in text
