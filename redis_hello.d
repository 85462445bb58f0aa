redis_hello.o: common/redis/redis_hello.c common/redis/redis_hello.h \
  common/base/attr.h common/base/buf.h common/redis/redis_resp.h \
  common/redis/redis.h common/base/addr.h common/net/loop.h \
  common/redis/redis_url.h

common/redis/redis_hello.h:

common/base/attr.h:

common/base/buf.h:

common/redis/redis_resp.h:

common/redis/redis.h:

common/base/addr.h:

common/net/loop.h:

common/redis/redis_url.h:
