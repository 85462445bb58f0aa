"""The Helm chart: the objects of objects.py, with the values of its user.

The schema of the values is made first; it has their defaults and meanings, so
values.yaml is printed from it. What a value decides is a Go template in the
objects, as a string with a mark before it, which goes once they are YAML.
"""
import copy
import json
import re

import objects
import sentinel
import yaml

MARK = "@@"
ALWAYS = re.compile(rf"'{MARK}(\{{\{{[^']*)'")
# A line of its own that is there if its value is.
OPTIONAL = re.compile(
    rf"^( *)((?:- |\w+: ))'{MARK}([^{{][^@]*){MARK}([^']*)'$", re.M)

IMAGE = {"sentinel": "redis"}            # where it is not that of its name
MEANING = {"hbbs": "The ID server.", "hbbr": "The relay.",
           "api": "The HTTP API, with the console and the web client.",
           "nginx": "TLS and WebSockets in front."}


class Plain(yaml.SafeDumper):
    """No anchors."""

    def ignore_aliases(self, data):
        return True


def dump(doc):
    return yaml.dump(doc, Dumper=Plain, sort_keys=False, width=10000)


# --- the values ----------------------------------------------------------------

def leaf(kind, default, text, **more):
    return {"type": kind, "default": default, "description": text, **more}


def group(properties, text):
    return {"type": "object", "description": text,
            "additionalProperties": False, "properties": properties}


def images():
    return group({
        "repository": leaf("string", "", "The folder of your registry that has the images, as "
                           "registry.example.com/rustdesk. Without it nothing is "
                           "installed: any name set here could be somebody else's at "
                           "a public registry."),
        "tag": leaf("string", "", "Their tag; empty is the version of the chart."),
        "pullPolicy": leaf("string", "IfNotPresent", "When to ask the registry.",
                           enum=["Always", "IfNotPresent", "Never"]),
        "pullSecrets": leaf("array", [], "Secrets for the registry: [{name: ...}].",
                            items={"type": "object"}),
    }, "The container images.")


def scheduling(name, sizes):
    _, grace, requests, limits = sizes
    return {
        "resources": leaf("object", {"requests": requests, "limits": limits},
                          "Memory and processors of a pod."),
        "terminationGracePeriodSeconds": leaf(
            "integer", grace, "Seconds that a pod which ends may take; 30 more than its "
            "DRAIN_TIMEOUT." if name == "hbbr" else
            "Seconds that a pod which ends may take.", minimum=1),
        "nodeSelector": leaf("object", {}, "Labels of the nodes that take its pods."),
        "tolerations": leaf("array", [], "Taints of nodes that its pods endure.",
                            items={"type": "object"}),
    }


def autoscaling(name):
    fewest, most, cpu, _, _ = objects.SCALE[name]
    return group({
        "enabled": leaf("boolean", False, "Whether the load decides; replicas says nothing "
                        "then. It needs the metrics server."),
        "minReplicas": leaf("integer", fewest, "The fewest pods.", minimum=1),
        "maxReplicas": leaf("integer", most, "The most pods.", minimum=1),
        "cpu": leaf("string", cpu, "What a pod may use of a processor, on average, before "
                    "there is one more.", pattern="^[0-9]+m?$"),
    }, "How many pods, by their load.")


def settings(name, service):
    return leaf(
        "object", objects.settings(name, service),
        f"Settings of {name}, as README.md lists them, all of them texts. A "
        "change restarts its pods, one after the other.",
        additionalProperties=False,
        properties={key: {"type": "string"}
                    for key in objects.settable(name, service)})


def server(name, service):
    parts = {
        "replicas": leaf("integer", objects.SIZE[name][0], "How many pods.", minimum=0),
        "settings": settings(name, service),
        "settingsSecret": leaf("string", "", "A secret with more settings, which win: for "
                               "what nobody else shall read."),
        **scheduling(name, objects.SIZE[name]),
    }
    if name in objects.SCALE:
        parts["autoscaling"] = autoscaling(name)
    if name in objects.PUBLIC:
        parts["service"] = group({
            "type": leaf("string", "LoadBalancer", "How the world reaches it.",
                         enum=["LoadBalancer", "NodePort"]),
            "annotations": leaf("object", {}, "What your load balancer wants to be told.",
                                additionalProperties={"type": "string"}),
            "loadBalancerClass": leaf("string", "", "Which load balancer, if there are several."),
        }, f"The service {name}-public.")
    return group(parts, MEANING[name])


def redis():
    return group({
        "existingSecret": leaf("string", "", "A secret with the key REDIS_URL: that Redis is "
                               "used, and none is run here."),
        "maxmemory": leaf("string", "1400mb", "What it may store; keep a third of its limit "
                          "free, for what it copies while it rewrites its file.",
                          pattern="^[0-9]+(kb|mb|gb)$"),
        "storage": storage("redis"),
        **scheduling("redis", objects.SIZE["redis"]),
    }, "Redis, which has all state.")


def storage(name):
    return group({
        "size": leaf("string", objects.STATEFUL[name][1], "Size of the volume."),
        "className": leaf("string", "", "Its storage class; empty is the cluster's own."),
    }, "Where its data is.")


def sentinels():
    return group({
        "enabled": leaf("boolean", False, "Whether Redis runs three times, with three sentinels: "
                        "one of the three may die."),
        "passwordSecret": leaf("string", sentinel.SECRET, "The secret with REDIS_PASSWORD, which "
                               "you make, of letters and digits.", minLength=1),
        "storage": storage("sentinel"),
        **scheduling("sentinel", objects.SIZE["sentinel"]),
    }, "Sentinel, which puts a replica in the place of a Redis that has died.")


def schema(services):
    values = group({
        "images": images(),
        "keySecret": leaf("string", objects.KEY_SECRET, "The secret with id_ed25519, "
                          "id_ed25519.pub and api_secret, which you make.", minLength=1),
        "tlsSecret": leaf("string", objects.TLS_SECRET, "The secret with tls.crt and tls.key, "
                          "which you or cert-manager make.", minLength=1),
        "spread": leaf("string", "ScheduleAnyway", "DoNotSchedule never puts two pods of a "
                       "kind on one node, ScheduleAnyway tries not to.",
                       enum=["ScheduleAnyway", "DoNotSchedule"]),
        **{name: redis() if name == "redis" else server(name, service)
           for name, service in services.items()},
        "sentinel": sentinels(),
        "global": leaf("object", {}, "What Helm gives to a chart inside of another."),
    }, "Values of the chart rustdesk-server.")
    return {"$schema": "http://json-schema.org/draft-07/schema#", **values}


def comment(text, indent):
    """TEXT as lines of a YAML comment."""
    lines, line = [], ""
    for word in text.split():
        if len(indent) + len(line) + len(word) > 96:
            lines.append(line)
            line = ""
        line += f" {word}"
    return "".join(f"{indent}#{text}\n" for text in [*lines, line])


def printed(values, depth=0):
    """A schema's defaults as YAML, each below its meaning."""
    indent = "  " * depth
    out = ""
    for key, what in values["properties"].items():
        if key == "global":
            continue
        out += ("\n" if depth == 0 else "") + comment(what["description"], indent)
        if "default" in what:
            lines = dump({key: what["default"]}).splitlines()
            out += "".join(f"{indent}{line}\n" for line in lines)
        else:
            out += f"{indent}{key}:\n{printed(what, depth + 1)}"
    return out


# --- the templates -------------------------------------------------------------

def always(expression):
    return f"{MARK}{{{{ {expression} }}}}"


def optional(value, text="{{ toJson . }}"):
    """TEXT, with VALUE as its dot, where there is one."""
    return f"{MARK}with .Values.{value}{MARK}{text}"


def unmarked(text):
    text = OPTIONAL.sub(r"\1{{- \3 }}\n\1\2\4\n\1{{- end }}", text)
    return ALWAYS.sub(r"\1", text)


def template_container(name, spec):
    spec["image"] = always(
        f'required "images.repository is the folder of your registry that has the images" '
        f".Values.images.repository }}}}/{IMAGE.get(name, name)}:{{{{ .Values.images.tag | "
        "default .Chart.AppVersion")
    spec["imagePullPolicy"] = always(".Values.images.pullPolicy")
    spec["resources"] = always(f"toJson .Values.{name}.resources")
    for variable in spec.get("env", []):
        if "secretKeyRef" in variable.get("valueFrom", {}):
            variable["valueFrom"]["secretKeyRef"]["name"] = always(
                ".Values.sentinel.passwordSecret | quote")
    if name == "redis":
        spec["args"] = [always(".Values.redis.maxmemory | quote") if before == "--maxmemory"
                        else word for before, word in zip([None, *spec["args"]], spec["args"])]
    if name in objects.STATEFUL:
        return
    if name in sentinel.SERVERS:
        spec["envFrom"].append(optional(
            "redis.existingSecret", "secretRef: {name: {{ . | quote }}}"))
        spec["env"] += [f"{MARK}if .Values.sentinel.enabled{MARK}" + json.dumps(v).replace(
            f'"{sentinel.SECRET}"', "{{ .Values.sentinel.passwordSecret | quote }}")
            for v in sentinel.server_environment()]
    spec["envFrom"].append(optional(
        f"{name}.settingsSecret", "secretRef: {name: {{ . | quote }}}"))


def template_pod(name, pod):
    if name not in objects.STATEFUL:
        pod["metadata"]["annotations"] = {
            "checksum/settings": always(f"toJson .Values.{name}.settings | sha256sum | quote")}
    spec = pod["spec"]
    spec["terminationGracePeriodSeconds"] = always(
        f".Values.{name}.terminationGracePeriodSeconds | int")
    spec["imagePullSecrets"] = optional("images.pullSecrets")
    spec["nodeSelector"] = optional(f"{name}.nodeSelector")
    spec["tolerations"] = optional(f"{name}.tolerations")
    if name not in objects.STATEFUL:
        spec["topologySpreadConstraints"][0]["whenUnsatisfiable"] = always(".Values.spread")
    secrets = {objects.KEY_SECRET: "keySecret", objects.TLS_SECRET: "tlsSecret"}
    for volume in spec["volumes"]:
        if "secret" in volume:
            value = secrets[volume["secret"]["secretName"]]
            volume["secret"]["secretName"] = always(f".Values.{value} | quote")
    template_container(name, spec["containers"][0])


def template_claim(name, claim):
    claim["spec"]["resources"]["requests"]["storage"] = always(
        f".Values.{name}.storage.size | quote")
    claim["spec"]["storageClassName"] = optional(
        f"{name}.storage.className", "{{ . | quote }}")


def template(name, doc):
    """DOC, one of the objects, with its user's values."""
    doc = copy.deepcopy(doc)
    spec = doc["spec"]
    if doc["kind"] in ("Deployment", "StatefulSet"):
        template_pod(name, spec["template"])
    if doc["kind"] == "Deployment":
        spec["replicas"] = (
            f"{MARK}if not .Values.{name}.autoscaling.enabled{MARK}"
            f"{{{{ .Values.{name}.replicas | int }}}}" if name in objects.SCALE
            else always(f".Values.{name}.replicas | int"))
    elif doc["kind"] == "StatefulSet":
        template_claim(name, spec["volumeClaimTemplates"][0])
    elif doc["metadata"]["name"] == f"{name}-public":
        doc["metadata"]["annotations"] = optional(f"{name}.service.annotations")
        spec["type"] = always(f".Values.{name}.service.type")
        spec["loadBalancerClass"] = optional(
            f"{name}.service.loadBalancerClass", "{{ . | quote }}")
    return doc


def settings_map(name):
    return {"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": objects.SETTINGS.format(name)},
            "data": always(f"toJson .Values.{name}.settings")}


def template_autoscaler(name):
    doc = objects.autoscaler(name)
    value, spec = f".Values.{name}.autoscaling", doc["spec"]
    spec["minReplicas"] = always(f"{value}.minReplicas | int")
    spec["maxReplicas"] = always(f"{value}.maxReplicas | int")
    spec["metrics"][0]["resource"]["target"]["averageValue"] = always(f"{value}.cpu | quote")
    return f"{{{{- if {value}.enabled }}}}\n---\n{unmarked(dump(doc))}{{{{- end }}}}\n"


def templates(name, service):
    docs = [template(name, doc) for doc in objects.objects(name, service)]
    if name != "redis":
        docs.insert(0, settings_map(name))
    text = unmarked("---\n".join(dump(doc) for doc in docs))
    if name in objects.SCALE:
        text += template_autoscaler(name)
    if name == "redis":
        text = ("{{- if not (or .Values.redis.existingSecret .Values.sentinel.enabled) }}\n"
                f"{text}{{{{- end }}}}\n")
    return text


def three(services, override):
    """Redis three times, in the place of the one."""
    docs = [template(name, doc) for name, found in sentinel.made(services, override).items()
            for doc in found]
    text = unmarked("---\n".join(dump(doc) for doc in docs))
    return ("{{- if .Values.sentinel.enabled }}\n{{- if .Values.redis.existingSecret }}\n"
            "{{- fail \"sentinel.enabled runs Redis here, redis.existingSecret uses another: "
            "one of the two\" }}\n{{- end }}\n" f"{text}{{{{- end }}}}\n")


def files(services, override, version):
    """Path below k8s/chart -> text."""
    values = schema(services)
    about = {"apiVersion": "v2", "name": "rustdesk-server", "type": "application",
             "description": "A server stack for RustDesk clients: rendezvous, relay, API",
             "version": version, "appVersion": version,
             "kubeVersion": ">=1.27.0-0"}
    return {"Chart.yaml": dump(about), "values.yaml": printed(values).lstrip("\n"),
            "values.schema.json": json.dumps(values, indent=1) + "\n",
            "templates/redis-sentinel.yaml": three(services, override),
            **{f"templates/{name}.yaml": templates(name, service)
               for name, service in services.items()}}
