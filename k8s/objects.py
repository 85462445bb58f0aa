"""The Kubernetes objects that docker-compose.yml becomes.

What compose says (images, environment, ports, volumes, hardening) is read from
it; what compose has no word for (replicas, resources, probes by HTTP, who may
talk to whom) is in the tables below and nowhere else.
"""
import re

UID = 65532  # the images' user

# Secrets and settings that the manifests refer to; docs/kubernetes.md makes them.
KEY_SECRET = "rustdesk-key"
TLS_SECRET = "rustdesk-tls"
SETTINGS = "rustdesk-{}"        # a map for each workload: what it reads

# Pod addresses change, so the proxy cannot be named by address: the servers
# believe forwarding headers from the ranges that clusters give to pods, and
# the network policies let only nginx and the API's clients in on those ports.
# Where the CNI enforces no policies, name the pods' range alone.
PRIVATE_NETS = ("10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,"
                "fd00::/8")

MESH_PORT = {"hbbr": 21122}     # between the pods of a service
OPS_PORT = {"hbbs": 21120, "hbbr": 21121, "api": 21124}

# Per service: replicas, grace (seconds a drain may take), requests and limits.
SIZE = {
    "hbbs": (1, 60, {"cpu": "100m", "memory": "64Mi"}, {"memory": "1Gi"}),
    "hbbr": (1, 600, {"cpu": "100m", "memory": "64Mi"}, {"memory": "1Gi"}),
    "api": (1, 60, {"cpu": "100m", "memory": "128Mi"}, {"memory": "1Gi"}),
    # As long as a relay: sessions over 443 end no sooner than plain ones.
    "nginx": (1, 600, {"cpu": "50m", "memory": "64Mi"}, {"memory": "512Mi"}),
    "redis": (1, 60, {"cpu": "100m", "memory": "128Mi"}, {"memory": "2Gi"}),
    "sentinel": (3, 30, {"cpu": "20m", "memory": "32Mi"}, {"memory": "64Mi"}),
}

# What has a volume: its port, and the size of the volume. What a sentinel has
# learned must outlive all three, or the first node would be the primary again.
STATEFUL = {"redis": (6379, "4Gi"), "sentinel": (26379, "64Mi")}

# Where a load decides how many pods run: (fewest, most, millicores of a pod
# from which on there is one more, seconds before a pod goes, seconds between
# two that go).
#
# Fewest: one per node of three. Most: two. A relay has one thread less than
# processors, on small nodes a single one, which is full at 1000m; at 700m there
# is room until the next pod is ready. The api's load is passwords, in bursts:
# half a processor. Who goes drains for his grace period, ten minutes at hbbr,
# so its hours are judged by half an hour and no two drain at once.
SCALE = {
    "hbbr": (3, 6, "700m", 1800, 900),
    "api": (3, 6, "500m", 300, 60),
}

# Who may open a connection to which port: (from pods, or "world"), ports.
INGRESS = {
    "hbbs": [("world", [21115, 21116]), (["nginx"], [21118])],
    "hbbr": [("world", [21117]), (["hbbr", "hbbs"], [21117]),
             (["nginx"], [21119])],
    "api": [(["nginx", "hbbs"], [21114])],
    "nginx": [("world", [8080, 8443])],
    "redis": [(["hbbs", "hbbr", "api"], [6379])],
}

# Ports of the public service of each workload (published in compose, and
# reached through nginx otherwise).
PUBLIC = {
    "hbbs": [21115, 21116],
    "hbbr": [21117],
    "nginx": [8080, 8443],
}
PUBLIC_AS = {8080: 80, 8443: 443}

# Environment that differs from compose and follows from the manifests.
ENV = {
    "hbbs": {"KEY_FILE": "/key/id_ed25519", "OPS_BIND": "0.0.0.0",
             "PUBLISH_KEY": None},
    "hbbr": {"KEY_FILE": "/key/id_ed25519.pub", "OPS_BIND": "0.0.0.0"},
    "api": {"OPS_BIND": "0.0.0.0", "SECRET_KEY_PATH": "/key/api_secret"},
    # nginx looks names up itself and knows no search domains: full names.
    "nginx": {name: f"{service}.$(POD_NAMESPACE).svc.$(CLUSTER_DOMAIN):{port}"
              for name, service, port in (("HBBS_WS", "hbbs", 21118),
                                          ("HBBR_WS", "hbbr", 21119),
                                          ("API", "api", 21114))},
    "redis": {}, "sentinel": {},
}

# What an overlay may change beside compose's own defaults, in the maps.
DEFAULTS = {
    "hbbs": {"API_URL": "http://api:21114", "TRUSTED_PROXIES": PRIVATE_NETS},
    # 30 s less than the grace period.
    "hbbr": {"TRUSTED_PROXIES": PRIVATE_NETS, "DRAIN_TIMEOUT": "570"},
    "api": {"TRUSTED_PROXIES": PRIVATE_NETS},
    "nginx": {"SERVER_NAME": "rustdesk", "CLUSTER_DOMAIN": "cluster.local"},
    "redis": {}, "sentinel": {},
}

# Behind one name as many addresses as pods, so that who dials passes over a
# dead one by itself.
HEADLESS = ("hbbs", "hbbr", "api")

# Which keys a pod sees.
KEY_ITEMS = {
    "hbbs": ["id_ed25519", "id_ed25519.pub"],
    "hbbr": ["id_ed25519.pub"],
    "api": ["api_secret"],  # the key of secrets at rest, one for all
}


NAMESPACE = {
    "apiVersion": "v1", "kind": "Namespace", "metadata": {
        "name": "rustdesk",
        # The pods meet the strictest of the built-in security levels.
        "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}


def default_of(text):
    """${NAME:-value} -> value, ${NAME} -> empty."""
    return re.sub(r"\$\{\w+(?::-([^}]*))?\}", lambda m: m.group(1) or "", text)


def labels(name):
    return {"app.kubernetes.io/part-of": "rustdesk-server",
            "app.kubernetes.io/name": name}


def meta(name, **more):
    return {"name": name, "labels": labels(name), **more}


def variables(service):
    """Name, value and whether its user may set it, of each line of compose's
    environment: NAME is handed through, NAME=...${NAME:-default}... has a
    default."""
    for line in service.get("environment", []):
        key, eq, value = line.partition("=")
        yield key, default_of(value).strip(), not eq or "${" + key in value


def settings(name, service):
    """What the workload reads that its user may set and that has a value:
    compose's defaults and ours, for the map that an overlay changes."""
    found = {key: value for key, value, free in variables(service)
             if free and value and key not in ENV[name]}
    return {**found, **DEFAULTS[name]}


def settable(name, service):
    """The name of every setting that the map may have."""
    return sorted({key for key, _, free in variables(service)
                   if free and key not in fixed(name)} | set(DEFAULTS[name]))


def fixed(name):
    """Names whose value follows from the manifests."""
    return {*ENV[name], *(("OPS_PORT", "NODE_ID") if name in OPS_PORT else ())}


def environment(name, service):
    """Constants of compose and ENV; the rest comes from the settings map."""
    values = {key: value for key, value, free in variables(service)
              if not free}
    values.update(ENV[name])
    env = [{"name": k, "value": v} for k, v in values.items() if v is not None]
    if name in OPS_PORT:
        env.append({"name": "OPS_PORT", "value": str(OPS_PORT[name])})
        env.append(pod_field("NODE_ID", "metadata.name"))
        env.append(pod_field("POD_IP", "status.podIP"))
    if name == "nginx":     # before the names that are made of them
        env[:0] = [pod_field("POD_NAMESPACE", "metadata.namespace"),
                   {"name": "CLUSTER_DOMAIN", "valueFrom": {
                       "configMapKeyRef": {"name": SETTINGS.format(name),
                                           "key": "CLUSTER_DOMAIN"}}}]
    return env


def pod_field(name, path):
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


def volumes(name, service):
    """(volumes, mounts): keys and certificate from secrets, scratch for the
    rest. The data of STATEFUL is a claim, made in workload()."""
    vols, mounts = [], []
    for line in service.get("volumes", []):
        source, path = default_of(line).split(":")[:2]
        if path == "/public" or (path == "/data" and name in STATEFUL):
            continue
        if path == "/certs":
            vols.append({"name": source, "secret": {
                "secretName": TLS_SECRET, "defaultMode": 0o440}})
        else:
            vols.append({"name": source, "emptyDir": {}})
        mounts.append({"name": source, "mountPath": path,
                       **({"readOnly": True} if path == "/certs" else {})})
    for entry in service.get("tmpfs", []):
        path = entry.split(":")[0]
        vols.append({"name": "run", "emptyDir": {"medium": "Memory"}})
        mounts.append({"name": "run", "mountPath": path})
    if name in KEY_ITEMS:
        vols.append({"name": "key", "secret": {
            "secretName": KEY_SECRET, "defaultMode": 0o440,
            "items": [{"key": k, "path": k} for k in KEY_ITEMS[name]]}})
        mounts.append({"name": "key", "mountPath": "/key", "readOnly": True})
    if name in STATEFUL:
        mounts.append({"name": "data", "mountPath": "/data"})
    return vols, mounts


def probes(name):
    def http(path, port, **more):
        return {"httpGet": {"path": path, "port": port}, **more}

    if name in OPS_PORT:
        live, ready = http("/livez", "ops"), http("/readyz", "ops")
    elif name == "nginx":
        live = http("/nginx-health", "p8443")
        live["httpGet"]["scheme"] = "HTTPS"
        # Not while it reaches none of those it stands in front of.
        ready = http("/nginx-ready", "p8443")
        ready["httpGet"]["scheme"] = "HTTPS"
    else:
        live = ready = {"exec": {"command": ["redis-cli", "ping"]}}
    return {
        "startupProbe": {**live, "periodSeconds": 2, "failureThreshold": 30},
        "livenessProbe": {**live, "periodSeconds": 10, "timeoutSeconds": 5,
                          "failureThreshold": 6},
        "readinessProbe": {**ready, "periodSeconds": 5, "timeoutSeconds": 5,
                           "failureThreshold": 2},
    }


def container_ports(name, service):
    seen, ports = set(), []
    for line in service.get("ports", []):
        text, _, proto = default_of(line).partition("/")
        number, proto = int(text.split(":")[-1]), (proto or "tcp").upper()
        if (number, proto) not in seen:
            seen.add((number, proto))
            ports.append({"name": f"{'u' if proto == 'UDP' else 'p'}{number}",
                          "containerPort": number, "protocol": proto})
    if name in STATEFUL:
        port, _ = STATEFUL[name]
        ports.append({"name": f"p{port}", "containerPort": port})
    if name in OPS_PORT:
        ports.append({"name": "ops", "containerPort": OPS_PORT[name]})
    return ports


def container(name, service):
    _, _, requests, limits = SIZE[name]
    vols, mounts = volumes(name, service)
    spec = {
        "name": name,
        "image": default_of(service["image"]),
        "imagePullPolicy": "IfNotPresent",
        "ports": container_ports(name, service),
        "env": environment(name, service),
        "envFrom": [{"configMapRef": {"name": SETTINGS.format(name)}}]
        if settings(name, service) else [],
        "args": [default_of(a) for a in service.get("command", [])],
        "resources": {"requests": requests, "limits": limits},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": service["cap_drop"]},
            "readOnlyRootFilesystem": service["read_only"],
        },
        "volumeMounts": mounts,
        **probes(name),
    }
    if name not in STATEFUL:
        # Endpoints lose the pod before it stops taking connections.
        spec["lifecycle"] = {"preStop": {"exec": {"command": ["sleep", "5"]}}}
    return {k: v for k, v in spec.items() if v != []}, vols


def pod(name, service):
    spec, vols = container(name, service)
    return {
        "metadata": {"labels": labels(name)},
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": SIZE[name][1],
            "securityContext": {
                "runAsNonRoot": True, "runAsUser": UID, "runAsGroup": UID,
                "fsGroup": UID, "seccompProfile": {"type": "RuntimeDefault"},
            },
            "topologySpreadConstraints": [{
                "maxSkew": 1, "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                # A node that takes no pods counts for nothing, nor do pods
                # that a rollout is about to end.
                "nodeTaintsPolicy": "Honor",
                "matchLabelKeys": ["pod-template-hash"],
                "labelSelector": {"matchLabels": labels(name)}}],
            "containers": [spec],
            "volumes": vols,
        },
    }


def workload(name, service):
    spec = {"replicas": SIZE[name][0],
            "selector": {"matchLabels": labels(name)},
            "template": pod(name, service)}
    if name in STATEFUL:
        spec["serviceName"] = name
        spec["volumeClaimTemplates"] = [{
            "metadata": {"name": "data"},
            "spec": {"accessModes": ["ReadWriteOnce"],
                     "resources": {"requests": {
                         "storage": STATEFUL[name][1]}}}}]
        return {"apiVersion": "apps/v1", "kind": "StatefulSet",
                "metadata": meta(name), "spec": spec}
    spec["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {
        "maxUnavailable": 0, "maxSurge": 1}}
    return {"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": meta(name), "spec": spec}


def service_port(port):
    number = port["containerPort"]
    return {"name": port["name"], "port": PUBLIC_AS.get(number, number),
            "targetPort": port["name"], "protocol": port.get("protocol", "TCP")}


def services(name, service):
    ports = [p for p in container_ports(name, service) if p["name"] != "ops"]
    inside = [{**service_port(p), "port": p["containerPort"]} for p in ports]
    yield {"apiVersion": "v1", "kind": "Service", "metadata": meta(name),
           "spec": {**({"clusterIP": "None"} if name in HEADLESS else {}),
                    "selector": labels(name), "ports": inside}}
    outside = [service_port(p) for p in ports
               if p["containerPort"] in PUBLIC.get(name, [])]
    if outside:
        # Local keeps the client's address: limits, LAN detection and hole
        # punching depend on it. UDP and TCP share one address.
        yield {"apiVersion": "v1", "kind": "Service",
               "metadata": meta(f"{name}-public"),
               "spec": {"type": "LoadBalancer", "selector": labels(name),
                        "externalTrafficPolicy": "Local", "ports": outside}}


def budget(name):
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": meta(name),
            "spec": {"maxUnavailable": 1,
                     "selector": {"matchLabels": labels(name)}}}


def autoscaler(name):
    fewest, most, cpu, calm, between = SCALE[name]
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": meta(name),
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1",
                                   "kind": "Deployment", "name": name},
                "minReplicas": fewest, "maxReplicas": most,
                # Of a processor, not of what is requested: that is the least
                # a pod needs, and no measure of what it can do.
                "metrics": [{"type": "Resource", "resource": {
                    "name": "cpu", "target": {"type": "AverageValue",
                                              "averageValue": cpu}}}],
                "behavior": {
                    "scaleUp": {"stabilizationWindowSeconds": 0, "policies": [
                        {"type": "Pods", "value": 1, "periodSeconds": 30}]},
                    "scaleDown": {
                        "stabilizationWindowSeconds": calm, "policies": [
                            {"type": "Pods", "value": 1,
                             "periodSeconds": between}]}}}}


def policy(name, service):
    protocols = {}
    for p in container_ports(name, service):
        protocols.setdefault(p["containerPort"], []).append(
            p.get("protocol", "TCP"))
    rules = []
    for source, ports in INGRESS[name]:
        rule = {"ports": [{"port": n, "protocol": proto}
                          for n in ports for proto in protocols[n]]}
        if source != "world":
            rule["from"] = [{"podSelector": {"matchLabels": labels(s)}}
                            for s in source]
        rules.append(rule)
    if name in MESH_PORT:
        rules.append({
            "from": [{"podSelector": {"matchLabels": labels(name)}}],
            "ports": [{"port": MESH_PORT[name], "protocol": "TCP"}]})
    if name in OPS_PORT:
        rules.append({
            "from": [{"namespaceSelector": {"matchLabels": {
                "rustdesk-server/monitoring": "true"}}}],
            "ports": [{"port": OPS_PORT[name], "protocol": "TCP"}]})
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": meta(name),
            "spec": {"podSelector": {"matchLabels": labels(name)},
                     "policyTypes": ["Ingress"], "ingress": rules}}


def objects(name, service):
    docs = [workload(name, service), *services(name, service),
            policy(name, service)]
    if name != "redis":     # a budget for the only one would block drains
        docs.append(budget(name))
    return docs
