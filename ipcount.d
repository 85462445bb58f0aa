ipcount.o: services/hbbs/state/ipcount.c services/hbbs/state/ipcount.h \
  common/base/addr.h common/base/attr.h common/base/map.h

services/hbbs/state/ipcount.h:

common/base/addr.h:

common/base/attr.h:

common/base/map.h:
