outfile.o: services/utils/backup/outfile.c \
  services/utils/backup/outfile.h common/base/attr.h

services/utils/backup/outfile.h:

common/base/attr.h:
