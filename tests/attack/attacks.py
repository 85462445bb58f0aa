"""The attacks, in the order in which they are made. The name is that of a
function of attackers.py, the text goes into docs/security.md."""

ATTACKS = {
    "audit_files": "audit posts of 32 and 250 kB from registered devices",
    "inventories": "inventories full of control characters, 160 devices",
    "sign_ons": "beginnings of single sign-on with 250 kB about the device",
    "made_up_tokens": "heartbeats of nobody, each with another token",
    "guesses": "wrong passwords for the accounts of the honest",
    "listings": "24 filtered listings of 40 000 alarms at a time by a plain "
                "user",
    "alarms": "alarms, while a webhook does not answer",
    "bodies": "200 unfinished bodies of 8 MiB to the api",
    "slow_heads": "8 300 connections to the api, a byte of a head now and "
                  "then",
    "half_open_websockets": "6 000 half-open WebSockets with heads of 12 kB",
    "most_of_messages": "1 900 connections to hbbs with most of the largest "
                        "message, half of them encrypted",
    "fragments": "60 relayed sessions in WebSocket messages that never end",
    "silent_connections": "6 000 silent connections to hbbs and hbbr",
    "comings_and_goings": "connections with a few bytes of noise, to every "
                          "port",
    "halves": "4 000 first halves of sessions that nobody allowed",
    "invented_devices": "registrations of invented ids by UDP",
    "unknown_heartbeats": "heartbeats of unknown ids by UDP",
    "noise": "random datagrams",
    "presence_of_all": "online queries through all ids",
    "calls": "requests for connections, to honest devices and to nobody",
}
