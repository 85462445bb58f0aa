redis_flow.o: common/redis/redis_flow.c common/redis/redis_impl.h \
  common/base/attr.h common/base/buf.h common/net/io.h common/net/loop.h \
  common/redis/redis.h common/base/addr.h common/redis/redis_conn.h \
  common/redis/redis_url.h common/redis/redis_hello.h \
  common/redis/redis_resp.h

common/redis/redis_impl.h:

common/base/attr.h:

common/base/buf.h:

common/net/io.h:

common/net/loop.h:

common/redis/redis.h:

common/base/addr.h:

common/redis/redis_conn.h:

common/redis/redis_url.h:

common/redis/redis_hello.h:

common/redis/redis_resp.h:
