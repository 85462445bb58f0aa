linger.o: services/hbbr/front/linger.c services/hbbr/front/linger.h \
  common/base/attr.h common/net/loop.h common/net/io.h

services/hbbr/front/linger.h:

common/base/attr.h:

common/net/loop.h:

common/net/io.h:
