restore.o: services/utils/backup/restore.c common/config/config.h \
  common/base/attr.h services/utils/backup/backupfile.h \
  services/utils/backup/durable.h services/utils/backup/infile.h \
  services/utils/backup/keyfile.h services/utils/backup/load.h \
  services/utils/backup/item.h common/base/buf.h services/utils/db.h \
  common/redis/redis_sync.h common/redis/redis.h common/base/addr.h \
  common/net/loop.h services/utils/command.h

common/config/config.h:

common/base/attr.h:

services/utils/backup/backupfile.h:

services/utils/backup/durable.h:

services/utils/backup/infile.h:

services/utils/backup/keyfile.h:

services/utils/backup/load.h:

services/utils/backup/item.h:

common/base/buf.h:

services/utils/db.h:

common/redis/redis_sync.h:

common/redis/redis.h:

common/base/addr.h:

common/net/loop.h:

services/utils/command.h:
