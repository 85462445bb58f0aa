"""Redis three times: three nodes, three sentinels, and servers that ask these
who the primary is. A component for kustomize; in the chart, redis.sentinel.

What docs/redis/docker-compose.yml says is read from it. Each pod has a Service
of its own, whose name and address stay when the pod dies: Sentinel could not
put the name of a dead primary, which would resolve to nothing, in its place as
a replica.
"""
import objects

COUNT = 3
MASTER = "site"                     # what the sentinels call it
SECRET = "rustdesk-redis"           # with REDIS_PASSWORD
SERVERS = ("hbbs", "hbbr", "api")   # who asks Redis
# Who may open a connection to both, beside each other.
USERS = [*SERVERS, *objects.STATEFUL]

# Until it runs, a node waits for two sentinels, whose images may take their
# time: ten minutes.
START = {"periodSeconds": 2, "failureThreshold": 300}
# Redis resolves names in its only thread, and a sentinel that stood still for
# two seconds decides nothing for thirty: half of the cluster's DNS may be dead.
DNS = {"options": [{"name": "timeout", "value": "1"},
                   {"name": "attempts", "value": "2"}]}


def names(name):
    port, _ = objects.STATEFUL[name]
    return [f"{name}-{i}:{port}" for i in range(COUNT)]


URL = ("redis+sentinel://" + ",".join(names("sentinel")) + f"/{MASTER}"
       "?password=$(REDIS_PASSWORD)&sentinel_password=$(REDIS_PASSWORD)")


def password(variable):
    return {"name": variable, "valueFrom": {
        "secretKeyRef": {"name": SECRET, "key": "REDIS_PASSWORD"}}}


def server_environment():
    """What hbbs, hbbr and api get; it wins over their maps."""
    return [password("REDIS_PASSWORD"), {"name": "REDIS_URL", "value": URL}]


def environment(name):
    """As services/redis has it for its scripts."""
    port, _ = objects.STATEFUL[name]
    own, other = (("REDIS_NODE", ("SENTINELS", " ".join(names("sentinel"))))
                  if name == "redis" else
                  ("SENTINEL_NODE", ("FIRST_PRIMARY", names("redis")[0])))
    return [objects.pod_field("POD_NAME", "metadata.name"),
            {"name": own, "value": f"$(POD_NAME):{port}"},
            {"name": other[0], "value": other[1]},
            password("REDISCLI_AUTH")]


def probes(name):
    port, _ = objects.STATEFUL[name]
    ping = {"exec": {"command": ["redis-cli", "-p", str(port), "ping"]}}
    ready = {"exec": {"command": ["ready"]}} if name == "redis" else ping
    return {"startupProbe": {**ping, **START},
            "livenessProbe": {**ping, "periodSeconds": 10,
                              "timeoutSeconds": 5, "failureThreshold": 6},
            "readinessProbe": {**ready, "periodSeconds": 5,
                               "timeoutSeconds": 5, "failureThreshold": 2}}


def workload(name, service):
    doc = objects.workload(name, service)
    spec = doc["spec"]
    spec["replicas"] = COUNT
    # All at once: after all of them died, the first to start may be one that
    # waits for another.
    spec["podManagementPolicy"] = "Parallel"
    pod = spec["template"]["spec"]
    # The node that dies must not take two.
    pod["topologySpreadConstraints"][0]["whenUnsatisfiable"] = "DoNotSchedule"
    pod["dnsConfig"] = DNS
    own = pod["containers"][0]
    own["command"] = service["entrypoint"]
    own["env"] = environment(name)
    own.update(probes(name))
    return doc


def services(name):
    """One for each pod. It leads there before the pod is ready, too: to load
    and copy, it must be found by the others."""
    port, _ = objects.STATEFUL[name]
    for i in range(COUNT):
        yield {"apiVersion": "v1", "kind": "Service",
               "metadata": {**objects.meta(name), "name": f"{name}-{i}"},
               "spec": {"publishNotReadyAddresses": True,
                        "selector": {**objects.labels(name),
                                     "statefulset.kubernetes.io/pod-name":
                                         f"{name}-{i}"},
                        "ports": [{"name": f"p{port}", "port": port,
                                   "targetPort": f"p{port}",
                                   "protocol": "TCP"}]}}


def policy(name):
    port, _ = objects.STATEFUL[name]
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": objects.meta(name),
            "spec": {"podSelector": {"matchLabels": objects.labels(name)},
                     "policyTypes": ["Ingress"],
                     "ingress": [{
                         "ports": [{"port": port, "protocol": "TCP"}],
                         "from": [{"podSelector": {
                             "matchLabels": objects.labels(user)}}
                             for user in USERS]}]}}


def nodes(services_, override):
    """The two services as compose has them with both of its files."""
    found = override["services"]
    both = {"redis": {**services_["redis"], **found["redis"]},
            "sentinel": found["sentinel1"]}
    return {name: {k: v for k, v in service.items() if k != "environment"}
            for name, service in both.items()}


def made(services_, override):
    """Name -> its objects, the StatefulSet first."""
    return {name: [workload(name, service), *services(name), policy(name),
                   objects.budget(name)]
            for name, service in nodes(services_, override).items()}


def split(services_, override):
    """Of all objects, those that the base has with another spec, by the file
    name of what changes it, and the others."""
    docs = [d for found in made(services_, override).values() for d in found]
    has = {("StatefulSet", "redis"): "node.yaml",
           ("NetworkPolicy", "redis"): "policy.yaml"}
    changed, more = {}, []
    for d in docs:
        if file := has.get((d["kind"], d["metadata"]["name"])):
            changed[file] = d
        else:
            more.append(d)
    return changed, more
