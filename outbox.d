outbox.o: services/hbbs/state/outbox.c services/hbbs/state/outbox.h \
  common/base/addr.h common/base/attr.h

services/hbbs/state/outbox.h:

common/base/addr.h:

common/base/attr.h:
