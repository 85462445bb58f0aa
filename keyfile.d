keyfile.o: services/utils/backup/keyfile.c \
  services/utils/backup/keyfile.h common/base/attr.h \
  services/utils/backup/outfile.h

services/utils/backup/keyfile.h:

common/base/attr.h:

services/utils/backup/outfile.h:
