redis.o: common/redis/redis.c common/redis/redis.h common/base/addr.h \
  common/base/attr.h common/net/loop.h common/base/log.h \
  common/net/sock.h common/redis/redis_impl.h common/base/buf.h \
  common/net/io.h common/redis/redis_conn.h common/redis/redis_url.h \
  common/redis/redis_hello.h common/redis/redis_resp.h

common/redis/redis.h:

common/base/addr.h:

common/base/attr.h:

common/net/loop.h:

common/base/log.h:

common/net/sock.h:

common/redis/redis_impl.h:

common/base/buf.h:

common/net/io.h:

common/redis/redis_conn.h:

common/redis/redis_url.h:

common/redis/redis_hello.h:

common/redis/redis_resp.h:
