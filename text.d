text.o: services/api/base/text.c services/api/base/text.h \
  common/base/attr.h

services/api/base/text.h:

common/base/attr.h:
