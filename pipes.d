pipes.o: services/hbbr/splice/pipes.c services/hbbr/splice/pipes.h \
  common/base/attr.h

services/hbbr/splice/pipes.h:

common/base/attr.h:
