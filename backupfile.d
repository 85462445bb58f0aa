backupfile.o: services/utils/backup/backupfile.c \
  services/utils/backup/backupfile.h common/base/attr.h

services/utils/backup/backupfile.h:

common/base/attr.h:
