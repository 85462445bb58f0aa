"""The Helm chart: generated, linted, and the same objects as the manifests."""

import json
import re
import shlex
import shutil
import subprocess

import pytest
import yaml
from manifests import (K8S, ROOT, base, build, container, invalid,
                       needs_kustomize, workloads)

CHART = K8S / "chart"
NEW = ["--kube-version", "1.34.0"]     # what no cluster is asked for
IMAGES = ["--set", "images.repository=rustdesk-stack,images.tag=latest"]
THREE = ["-f", str(CHART / "three-nodes.yaml")]
JSON = [word for name in ("hbbs", "hbbr", "api")
        for word in ("--set", f"{name}.settings.LOG_FORMAT=json")]
# What kustomize builds -> what Helm is told to make the same.
SAME = {
    "base": ([], []),
    "single": (["overlays/single"], JSON),
    "three-nodes": (["overlays/three-nodes"], THREE),
    "external-redis": (
        ["overlays/three-nodes", "components/external-redis"],
        [*THREE, "--set", "redis.existingSecret=rustdesk-redis"]),
    "autoscaling": (
        ["overlays/three-nodes", "components/autoscaling"],
        [*THREE, "--set", "hbbr.autoscaling.enabled=true,"
         "api.autoscaling.enabled=true"]),
    "redis-sentinel": (["overlays/redis-sentinel"],
                       [*THREE, "--set", "sentinel.enabled=true"]),
}


@pytest.fixture(name="render")
def renderer(helm):
    def render(*arguments):
        out = subprocess.run(
            [helm, "template", "rustdesk", str(CHART), *NEW, *IMAGES,
             *arguments],
            check=True, capture_output=True, text=True).stdout
        return [d for d in yaml.safe_load_all(out) if d]
    return render


@pytest.fixture(name="refused")
def refuser(helm):
    def refused(*arguments):
        done = subprocess.run(
            [helm, "template", "rustdesk", str(CHART), *NEW, *arguments],
            check=False, capture_output=True, text=True)
        assert done.returncode != 0
        return done.stderr
    return refused


def settings_maps():
    """Those that kustomize would make of k8s/base."""
    made = yaml.safe_load((K8S / "base/kustomization.yaml").read_text())
    return [{"apiVersion": "v1", "kind": "ConfigMap",
             "metadata": {"name": m["name"]},
             "data": dict(t.split("=", 1) for t in m["literals"])}
            for m in made["configMapGenerator"]]


def by_name(docs):
    """The objects without what each tool has in its own way: kustomize the
    namespace and a hash in the names of maps, Helm the hash as annotation."""
    text = json.dumps([d for d in docs if d["kind"] != "Namespace"])
    found = json.loads(re.sub(r'"(rustdesk-\w+)-[0-9a-z]{10}"', r'"\1"', text))
    for d in found:
        d["metadata"].pop("namespace", None)
        pod = d["spec"].get("template", {}) if "spec" in d else {}
        if (marks := pod.get("metadata", {}).get("annotations")) is not None:
            del marks["checksum/settings"]
            assert not marks
            del pod["metadata"]["annotations"]
    return {(d["kind"], d["metadata"]["name"]): d for d in found}


@pytest.mark.parametrize("variant", [
    pytest.param(v, marks=needs_kustomize if v != "base" else ())
    for v in SAME])
def test_helm_and_kustomize_make_the_same_objects(variant, render):
    folders, arguments = SAME[variant]
    want = by_name(build(*folders) if folders else base() + settings_maps())
    got = by_name(render(*arguments))
    assert set(got) == set(want)
    for name, doc in want.items():
        assert got[name] == doc, name


@pytest.mark.parametrize("arguments", [[], THREE], ids=["plain", "three-nodes"])
def test_helm_lint_finds_nothing(helm, arguments):
    done = subprocess.run(
        [helm, "lint", "--strict", str(CHART), *IMAGES, *arguments],
        check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True)
    assert done.returncode == 0, done.stdout


def leaves(schema, path=()):
    for key, what in schema["properties"].items():
        if "default" in what:
            yield (*path, key), what
        else:
            yield from leaves(what, (*path, key))


def schema():
    return json.loads((CHART / "values.schema.json").read_text())


def test_every_value_is_used_and_has_its_default():
    text = "".join(p.read_text() for p in (CHART / "templates").iterdir())
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    for path, what in leaves(schema()):
        if path == ("global",):     # Helm's own
            continue
        assert re.search(rf"\.Values\.{'.'.join(path)}\b", text), path
        value = values
        for key in path:
            value = value[key]
        assert value == what["default"], path


def test_what_an_operator_adds_reaches_the_objects(render):
    docs = render(
        "--set-json", 'images.pullSecrets=[{"name":"registry"}]',
        "--set-json", 'hbbr.nodeSelector={"disk":"fast"}',
        "--set-json", 'hbbr.tolerations=[{"key":"edge","operator":"Exists"}]',
        "--set-json", 'hbbr.service={"type":"NodePort",'
        '"annotations":{"lb/shared":"yes"},"loadBalancerClass":"metal"}',
        "--set-json", 'hbbr.resources={"limits":{"memory":"3Gi"}}',
        "--set", "hbbr.settingsSecret=private,hbbr.replicas=2000000",
        "--set", "keySecret=k,tlsSecret=t,redis.maxmemory=9gb",
        "--set", "redis.storage.size=9Gi,redis.storage.className=fast")
    assert not invalid(docs)
    made = workloads(docs)
    spec = made["hbbr"]["spec"]["template"]["spec"]
    assert made["hbbr"]["spec"]["replicas"] == 2000000
    assert spec["imagePullSecrets"] == [{"name": "registry"}]
    assert spec["nodeSelector"] == {"disk": "fast"}
    assert spec["tolerations"][0]["key"] == "edge"
    assert container(made["hbbr"])["resources"]["limits"] == {
        "memory": "3Gi"}
    assert container(made["hbbr"])["envFrom"][-1] == {
        "secretRef": {"name": "private"}}
    public = by_name(docs)["Service", "hbbr-public"]
    assert public["metadata"]["annotations"] == {"lb/shared": "yes"}
    assert public["spec"]["type"] == "NodePort"
    assert public["spec"]["loadBalancerClass"] == "metal"
    secrets = {v["secret"]["secretName"] for w in made.values()
               for v in w["spec"]["template"]["spec"].get("volumes", [])
               if "secret" in v}
    assert secrets == {"k", "t"}
    assert "9gb" in container(made["redis"])["args"]
    claim = made["redis"]["spec"]["volumeClaimTemplates"][0]["spec"]
    assert claim["storageClassName"] == "fast"
    assert claim["resources"]["requests"]["storage"] == "9Gi"


def test_what_an_operator_adds_reaches_redis_three_times(render):
    docs = render(
        "--set", "sentinel.enabled=true,sentinel.passwordSecret=own",
        "--set", "redis.maxmemory=9gb,redis.storage.className=fast",
        "--set", "sentinel.storage.size=1Gi",
        "--set-json", 'sentinel.nodeSelector={"disk":"small"}')
    assert not invalid(docs)
    made = workloads(docs)
    for name in ("redis", "sentinel", "hbbs", "hbbr", "api"):
        from_secret = [e["valueFrom"]["secretKeyRef"]
                       for e in container(made[name])["env"]
                       if "secretKeyRef" in e.get("valueFrom", {})]
        assert from_secret == [{"name": "own", "key": "REDIS_PASSWORD"}], name
    assert "9gb" in container(made["redis"])["args"]
    claims = {n: made[n]["spec"]["volumeClaimTemplates"][0]["spec"]
              for n in ("redis", "sentinel")}
    assert claims["redis"]["storageClassName"] == "fast"
    assert claims["sentinel"]["resources"]["requests"]["storage"] == "1Gi"
    assert made["sentinel"]["spec"]["template"]["spec"]["nodeSelector"] == {
        "disk": "small"}


def test_two_kinds_of_redis_at_once_are_refused(refused):
    assert "one of the two" in refused(
        *IMAGES, "--set", "sentinel.enabled=true,redis.existingSecret=r")


def test_a_setting_restarts_its_own_workload_alone(render):
    before, after = (
        {n: w["spec"]["template"] for n, w in workloads(docs).items()}
        for docs in (render(), render("--set", "api.settings.LOG_LEVEL=debug")))
    assert [n for n in before if before[n] != after[n]] == ["api"]


def test_no_image_comes_from_a_registry_that_nobody_named(refused):
    assert "images.repository is the folder of your registry" in refused()


@pytest.mark.parametrize("value, word", [
    ("hbsb.replicas=3", "hbsb"),
    ("hbbs.replica=3", "replica"),
    ("hbbs.settings.RELAY_SERVER=relay.example.com", "RELAY_SERVER"),
    ("hbbr.settings.DRAIN_TIMEOUT=570", "DRAIN_TIMEOUT"),   # a number
    ("hbbs.settings.KEY_FILE=/elsewhere", "KEY_FILE"),      # fixed
    ("nginx.service.type=ClusterIP", "NodePort"),
    ("spread=Never", "spread"),
    ("hbbr.autoscaling.cpu=lots", "cpu"),
    ("sentinel.replicas=5", "replicas"),
    ("redis.maxmemory=much", "maxmemory")])
def test_a_wrong_value_is_refused_by_its_name(refused, value, word):
    assert word in refused(*IMAGES, "--set", value)


def test_every_setting_that_may_be_set_is_one():
    """Of hbbs, hbbr and api README.md has the tables."""
    text = (ROOT / "README.md").read_text()
    for name in ("hbbs", "hbbr", "api"):
        table = text.split(f"\n### {name}\n")[1].split("\n### ")[0]
        known = set(re.findall(r"^\| `(\w+)`", table, re.M))
        may = schema()["properties"][name]["properties"]["settings"]
        assert may["properties"] and set(may["properties"]) <= known


@pytest.fixture(name="notes")
def noter(helm, tmp_path):
    """What is printed after an installation, which needs a cluster: rendered
    as if it were an object."""
    chart = tmp_path / "chart"
    shutil.copytree(CHART, chart)
    text = (chart / "templates/NOTES.txt").read_text()
    (chart / "templates/_notes.tpl").write_text(
        '{{ define "notes" }}' + text + "{{ end }}")
    (chart / "templates/notes.yaml").write_text(
        'text: {{ include "notes" . | toJson }}')

    def notes(*arguments):
        out = subprocess.run(
            [helm, "template", "rustdesk", str(chart), "-n", "site", *NEW,
             *IMAGES, "-s", "templates/notes.yaml", *arguments],
            check=True, capture_output=True, text=True).stdout
        return yaml.safe_load(out)["text"]
    return notes


def test_the_notes_name_the_next_steps_and_secrets(notes):
    said = notes("--set", "keySecret=own-key,tlsSecret=own-tls")
    assert "kubectl -n site create secret generic own-key" in said
    assert "kubectl -n site create secret tls own-tls" in said
    assert "REDIS_URL" not in said
    assert "REDIS_URL" in notes("--set", "redis.existingSecret=r")
    # Each command is one of docs/kubernetes.md, which are tried.
    documented = (ROOT / "docs/kubernetes.md").read_text()
    for line in re.findall(r"^     (.*)$",
                           notes("--set", "sentinel.enabled=true"), re.M):
        assert line.replace("-n site", "-n rustdesk") in documented, line


def test_the_documented_commands_work(helm, tmp_path):
    text = (ROOT / "docs/kubernetes.md").read_text()
    site, = re.findall(r"^```yaml\n(# site.yaml\n.*?)^```", text, re.M | re.S)
    (tmp_path / "site.yaml").write_text(site)
    (tmp_path / "k8s").symlink_to(K8S)
    lines = re.findall(r"^helm (.*)", text, re.M)
    assert len(lines) == 2
    for line in lines:
        words = shlex.split(line)[1:]
        subprocess.run([helm, "template", *words, *NEW], cwd=tmp_path,
                       check=True, capture_output=True)
