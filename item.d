item.o: services/utils/backup/item.c services/utils/backup/item.h \
  common/base/attr.h common/base/buf.h

services/utils/backup/item.h:

common/base/attr.h:

common/base/buf.h:
