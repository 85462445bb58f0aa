redis_url.o: common/redis/redis_url.c common/redis/redis_url.h \
  common/base/attr.h

common/redis/redis_url.h:

common/base/attr.h:
