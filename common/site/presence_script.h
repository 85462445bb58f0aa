/*
 * presence_script: who is online, asked of Redis; one truth for the lists of
 * clients and of the api, and the one by which a connection succeeds.
 *
 * A peer is online if the node that its presence names has a fresh lease and
 * listens on its channel: a push reaches it there. One that is gone leaves
 * its UDP peers reachable for NODE_GRACE_S, because any other node may push.
 */
#pragma once

/* KEYS seen bucket for each id; ARGV epoch (4 bytes) whose presences do not
 * count or "", then the ids. Answers two numbers
 * for each: 1 if it is online, and when its presence was written (seconds
 * since 2020-01-01; 0: there is none). */
extern const char presence_script_online[];
