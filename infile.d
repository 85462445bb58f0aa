infile.o: services/utils/backup/infile.c services/utils/backup/infile.h \
  common/base/attr.h

services/utils/backup/infile.h:

common/base/attr.h:
