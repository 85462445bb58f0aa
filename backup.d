backup.o: services/utils/backup/backup.c common/config/config.h \
  common/base/attr.h services/utils/backup/backupfile.h \
  services/utils/backup/dump.h services/utils/db.h \
  common/redis/redis_sync.h common/redis/redis.h common/base/addr.h \
  common/net/loop.h services/utils/backup/item.h common/base/buf.h \
  services/utils/backup/keyfile.h services/utils/backup/outfile.h \
  services/utils/command.h

common/config/config.h:

common/base/attr.h:

services/utils/backup/backupfile.h:

services/utils/backup/dump.h:

services/utils/db.h:

common/redis/redis_sync.h:

common/redis/redis.h:

common/base/addr.h:

common/net/loop.h:

services/utils/backup/item.h:

common/base/buf.h:

services/utils/backup/keyfile.h:

services/utils/backup/outfile.h:

services/utils/command.h:
