"""The settings under which the suite starts servers."""

from servers import Profile

# Where clients behind a trusted proxy come from (cases 140, 142).
PROXY = "198.19.255.1"
INSIDE = "198.19.7."        # the LAN of the mask profile
LOCAL_IP = "192.168.7.1"    # and the server's address in it
TRUSTED = {"TRUSTED_PROXIES": PROXY + "/32,10.0.0.0/8"}
TLS = {"TLS_CERT": "{folder}/tls.pem", "TLS_KEY": "{folder}/tls.key"}

PROFILES = {
    "default": Profile(),
    "nokey": Profile(key=False),
    "probe": Profile(relay=False),      # cases that read its log
    "reference-limits": Profile(hbbs={"REGISTER_LIMITS": "reference"},
                                relay=False),
    "serial": Profile(hbbs={
        "SERIAL": "10", "RENDEZVOUS_SERVERS": "198.51.100.1,198.51.100.2"},
        relay=False),
    "always-relay": Profile(hbbs={"ALWAYS_USE_RELAY": "Y"}, relay=False),
    "mask": Profile(hbbs={"MASK": INSIDE + "0/24", "LOCAL_IP": LOCAL_IP}),
    "proxied": Profile(hbbs=TRUSTED, hbbr=TRUSTED),
    "bandwidth": Profile(hbbr={"SINGLE_BANDWIDTH": "8"}),
    "downgrade": Profile(hbbr={
        "SINGLE_BANDWIDTH": "64", "LIMIT_SPEED": "4",
        "DOWNGRADE_THRESHOLD": "0.1", "DOWNGRADE_START_CHECK": "5"}),
    "stalled": Profile(),               # a case that reads hbbr's memory
    "console": Profile(hbbs={"CONSOLE": "Y"}, hbbr={"CONSOLE": "Y"}),
    "flagged": Profile(relay=False),    # a case that reads its log
    "strict": Profile(hbbs={"STRICT_ANSWERS": "Y"}, relay=False),
    "tls": Profile(hbbs=TLS, hbbr=TLS),
    "api": Profile(relay=False, api=True),
    "audited": Profile(api=True, hbbr={"TICKETS": "Y"}),
    "tickets": Profile(hbbr={"TICKETS": "Y"}),
    "lists": Profile(
        hbbr={"LIMIT_SPEED": "4"},
        hbbr_files={"blacklist.txt": "198.19.8.1 throttled\n198.19.8.2\n",
                    "blocklist.txt": "198.19.8.3 refused\n"}),
}
