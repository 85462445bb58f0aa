durable.o: services/utils/backup/durable.c \
  services/utils/backup/durable.h common/base/attr.h

services/utils/backup/durable.h:

common/base/attr.h:
