redis_conn.o: common/redis/redis_conn.c common/redis/redis_conn.h \
  common/base/addr.h common/base/attr.h common/redis/redis_url.h

common/redis/redis_conn.h:

common/base/addr.h:

common/base/attr.h:

common/redis/redis_url.h:
