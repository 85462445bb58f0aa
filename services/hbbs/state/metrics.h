/*
 * metrics: what hbbs counts. One row per time series; rows of one name are
 * adjacent.
 */
#pragma once

#include "common/base/metric.h"
#include "services/hbbs/state/metrics_conn.h"

#define HBBS_LIMITED(X, id, reason)                                            \
	X(id, "hbbs_limited_total", "reason=\"" reason "\"", COUNTER,          \
	  "Refused for being too many")

#define HBBS_METRICS(X)                                                        \
	X(M_REG_UDP, "hbbs_registrations_total", "transport=\"udp\"", COUNTER, \
	  "RegisterPk accepted")                                               \
	X(M_REG_TCP, "hbbs_registrations_total", "transport=\"tcp\"", COUNTER, \
	  "RegisterPk accepted")                                               \
	X(M_REG_WS, "hbbs_registrations_total", "transport=\"ws\"", COUNTER,   \
	  "RegisterPk accepted")                                               \
	X(M_REG_MISMATCH, "hbbs_registration_refusals_total",                  \
	  "reason=\"uuid_mismatch\"", COUNTER, "RegisterPk refused")           \
	X(M_REG_FREQUENT, "hbbs_registration_refusals_total",                  \
	  "reason=\"too_frequent\"", COUNTER, "RegisterPk refused")            \
	X(M_REG_FORMAT, "hbbs_registration_refusals_total",                    \
	  "reason=\"invalid_id\"", COUNTER, "RegisterPk refused")              \
	X(M_REG_STORE, "hbbs_registration_refusals_total",                     \
	  "reason=\"store_error\"", COUNTER, "RegisterPk refused")             \
	X(M_REG_DEPLOY, "hbbs_registration_refusals_total",                    \
	  "reason=\"not_deployed\"", COUNTER, "RegisterPk refused")            \
	X(M_HEARTBEATS, "hbbs_heartbeats_total", "", COUNTER,                  \
	  "RegisterPeer datagrams answered")                                   \
	X(M_RENAMES, "hbbs_id_changes_total", "", COUNTER,                     \
	  "Ids changed by their owner")                                        \
	X(M_TRY_DIRECT, "hbbs_attempts_total", "outcome=\"direct\"", COUNTER,  \
	  "Connection attempts by outcome")                                    \
	X(M_TRY_LOCAL, "hbbs_attempts_total", "outcome=\"local\"", COUNTER,    \
	  "Connection attempts by outcome")                                    \
	X(M_TRY_UDP, "hbbs_attempts_total", "outcome=\"udp\"", COUNTER,        \
	  "Connection attempts by outcome")                                    \
	X(M_TRY_RELAY, "hbbs_attempts_total", "outcome=\"relay\"", COUNTER,    \
	  "Connection attempts by outcome")                                    \
	X(M_TRY_UNKNOWN, "hbbs_attempts_total", "outcome=\"id_not_exist\"",    \
	  COUNTER, "Connection attempts by outcome")                           \
	X(M_TRY_OFFLINE, "hbbs_attempts_total", "outcome=\"offline\"",         \
	  COUNTER, "Connection attempts by outcome")                           \
	X(M_TRY_KEY, "hbbs_attempts_total", "outcome=\"key_mismatch\"",        \
	  COUNTER, "Connection attempts by outcome")                           \
	X(M_TRY_DENIED, "hbbs_attempts_total", "outcome=\"denied\"", COUNTER,  \
	  "Connection attempts by outcome")                                    \
	X(M_TRY_RELAY_REFUSED, "hbbs_attempts_total",                          \
	  "outcome=\"relay_not_allowed\"", COUNTER,                            \
	  "Connection attempts by outcome")                                    \
	X(M_TRY_LIMITED, "hbbs_attempts_total", "outcome=\"limited\"",         \
	  COUNTER, "Connection attempts by outcome")                           \
	X(M_TRY_BUSY, "hbbs_attempts_total", "outcome=\"unavailable\"",        \
	  COUNTER, "Connection attempts by outcome")                           \
	X(M_TRY_MIXED, "hbbs_attempts_total", "outcome=\"mixed_tunnel\"",      \
	  COUNTER, "Connection attempts by outcome")                           \
	X(M_TRY_SILENT, "hbbs_attempts_total", "outcome=\"no_answer\"",        \
	  COUNTER, "Connection attempts by outcome")                           \
	X(M_DENY_USER, "hbbs_policy_denials_total",                            \
	  "reason=\"user_disabled\"", COUNTER,                                 \
	  "Connections refused by policy")                                     \
	X(M_DENY_DEVICE, "hbbs_policy_denials_total",                          \
	  "reason=\"device_disabled\"", COUNTER,                               \
	  "Connections refused by policy")                                     \
	X(M_DENY_OWNER, "hbbs_policy_denials_total",                           \
	  "reason=\"owner_disabled\"", COUNTER,                                \
	  "Connections refused by policy")                                     \
	X(M_DENY_SIGN_IN, "hbbs_policy_denials_total", "reason=\"sign_in\"",   \
	  COUNTER, "Connections refused by policy")                            \
	X(M_DENY_NO_RULE, "hbbs_policy_denials_total", "reason=\"no_rule\"",   \
	  COUNTER, "Connections refused by policy")                            \
	X(M_DENY_ROLE, "hbbs_policy_denials_total", "reason=\"role\"",         \
	  COUNTER, "Connections refused by policy")                            \
	X(M_DENY_GUEST, "hbbs_policy_denials_total", "reason=\"guest\"",       \
	  COUNTER, "Connections refused by policy")                            \
	X(M_DENY_PLAIN, "hbbs_policy_denials_total",                           \
	  "reason=\"not_encrypted\"", COUNTER,                                 \
	  "Connections refused by policy")                                     \
	X(M_DENY_UNAVAILABLE, "hbbs_policy_denials_total",                     \
	  "reason=\"unavailable\"", COUNTER, "Connections refused by policy")  \
	X(M_DENY_BANNED, "hbbs_policy_denials_total", "reason=\"banned\"",     \
	  COUNTER, "Connections refused by policy")                            \
	X(M_ANSWER_STRAY, "hbbs_answers_ignored_total",                        \
	  "reason=\"not_asked\"", COUNTER, "Answers of peers not passed on")   \
	X(M_ANSWER_FOREIGN, "hbbs_answers_ignored_total",                      \
	  "reason=\"foreign_address\"", COUNTER,                               \
	  "Answers of peers not passed on")                                    \
	X(M_ONLINE_QUERIES, "hbbs_online_queries_total", "", COUNTER,          \
	  "Online queries answered")                                           \
	X(M_DROP_PARSE, "hbbs_messages_dropped_total",                         \
	  "reason=\"unparsable\"", COUNTER, "Messages not acted upon")         \
	X(M_DROP_UNEXPECTED, "hbbs_messages_dropped_total",                    \
	  "reason=\"unexpected\"", COUNTER, "Messages not acted upon")         \
	X(M_DROP_LIMIT, "hbbs_messages_dropped_total", "reason=\"limited\"",   \
	  COUNTER, "Messages not acted upon")                                  \
	X(M_DROP_PARKED, "hbbs_messages_dropped_total",                        \
	  "reason=\"too_many_parked\"", COUNTER, "Messages not acted upon")    \
	X(M_DROP_MEMORY, "hbbs_messages_dropped_total", "reason=\"memory\"",   \
	  COUNTER, "Messages not acted upon")                                  \
	X(M_DROP_BANNED, "hbbs_messages_dropped_total", "reason=\"banned\"",   \
	  COUNTER, "Messages not acted upon")                                  \
	HBBS_LIMITED(X, M_LIMIT_NEW, "new_id")                                 \
	HBBS_LIMITED(X, M_LIMIT_FAIL, "failure")                               \
	HBBS_LIMITED(X, M_LIMIT_LOOKUP, "lookup")                              \
	HBBS_LIMITED(X, M_LIMIT_CONNECT, "connect")                            \
	HBBS_LIMITED(X, M_LIMIT_MISS, "connect_unknown")                       \
	HBBS_LIMITED(X, M_LIMIT_ONLINE, "online_query")                        \
	HBBS_LIMITED(X, M_LIMIT_RENAME, "id_change")                           \
	HBBS_LIMITED(X, M_LIMIT_WAIT, "stray_answer")                          \
	HBBS_LIMITED(X, M_LIMIT_UPDATE, "software_update")                     \
	HBBS_LIMITED(X, M_LIMIT_ICE, "stray_candidate")                        \
	HBBS_LIMITED(X, M_LIMIT_NEW_ALL, "new_id_in_all")                      \
	HBBS_LIMITED(X, M_LIMIT_MEMORY, "redis_nearly_full")                   \
	X(M_USER_SESSIONS, "hbbs_user_sessions", "", GAUGE,                    \
	  "Sessions of signed-in users that reported themselves")              \
	X(M_HTTP_PROXY, "hbbs_http_proxied_total", "result=\"ok\"", COUNTER,   \
	  "API requests over the rendezvous port")                             \
	X(M_HTTP_FAILED, "hbbs_http_proxied_total", "result=\"failed\"",       \
	  COUNTER, "API requests over the rendezvous port")                    \
	X(M_PEERS_HELD, "hbbs_peers_held", "", GAUGE, "Peers this node holds") \
	X(M_PEERS_MEMORY, "hbbs_peers_in_memory", "", GAUGE,                   \
	  "Peers in this node's table")                                        \
	X(M_PEERS_MAX, "hbbs_peers_in_memory_max", "", GAUGE,                  \
	  "Cap on peers in this node's table")                                 \
	HBBS_CONN_METRICS(X)                                                   \
	X(M_PARKED, "hbbs_parked_messages", "", GAUGE,                         \
	  "Messages that wait for Redis")                                      \
	X(M_PARKED_MAX, "hbbs_parked_messages_max", "", GAUGE,                 \
	  "Cap on messages that wait for Redis")                               \
	X(M_PRESENCE_QUEUE, "hbbs_presence_queue", "", GAUGE,                  \
	  "Presence changes not yet in Redis")                                 \
	X(M_NODES, "hbbs_nodes_alive", "", GAUGE, "hbbs nodes with a lease")   \
	X(M_RELAYS_LIVE, "hbbs_relays_live", "", GAUGE, "Relays handed out")   \
	X(M_REDIS_UP, "hbbs_redis_up", "", GAUGE, "1 while Redis answers")     \
	X(M_REDIS_RTT, "hbbs_redis_rtt_microseconds", "", GAUGE,               \
	  "Round trip of the last Redis command")                              \
	X(M_OUTBOX_DROPS, "hbbs_actions_dropped_total", "", COUNTER,           \
	  "Actions lost to the outbox cap or lack of memory")

enum hbbs_metric {
#define X(id, name, labels, kind, help) id,
	HBBS_METRICS(X)
#undef X
		HBBS_METRIC_COUNT
};

extern struct metric_set hbbs_metrics;
