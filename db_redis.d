db_redis.o: services/api/core/db_redis.c services/api/core/db.h \
  common/base/attr.h services/api/base/pool.h common/base/log.h \
  common/base/addr.h common/redis/redis_sync.h common/redis/redis.h \
  common/net/loop.h

services/api/core/db.h:

common/base/attr.h:

services/api/base/pool.h:

common/base/log.h:

common/base/addr.h:

common/redis/redis_sync.h:

common/redis/redis.h:

common/net/loop.h:
