redis_sync.o: common/redis/redis_sync.c common/redis/redis_sync.h \
  common/base/attr.h common/redis/redis.h common/base/addr.h \
  common/net/loop.h common/base/log.h common/net/sock.h \
  common/redis/redis_conn.h common/redis/redis_url.h \
  common/redis/redis_hello.h common/base/buf.h common/redis/redis_resp.h

common/redis/redis_sync.h:

common/base/attr.h:

common/redis/redis.h:

common/base/addr.h:

common/net/loop.h:

common/base/log.h:

common/net/sock.h:

common/redis/redis_conn.h:

common/redis/redis_url.h:

common/redis/redis_hello.h:

common/base/buf.h:

common/redis/redis_resp.h:
