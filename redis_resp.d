redis_resp.o: common/redis/redis_resp.c common/redis/redis_resp.h \
  common/base/attr.h common/base/buf.h common/redis/redis.h \
  common/base/addr.h common/net/loop.h

common/redis/redis_resp.h:

common/base/attr.h:

common/base/buf.h:

common/redis/redis.h:

common/base/addr.h:

common/net/loop.h:
