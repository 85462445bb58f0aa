db.o: services/utils/db.c services/utils/db.h common/base/attr.h \
  common/redis/redis_sync.h common/redis/redis.h common/base/addr.h \
  common/net/loop.h common/base/log.h

services/utils/db.h:

common/base/attr.h:

common/redis/redis_sync.h:

common/redis/redis.h:

common/base/addr.h:

common/net/loop.h:

common/base/log.h:
